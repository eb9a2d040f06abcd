import { suggest, TenonError } from "@tenon/core";
import { parameterNames } from "./parameters.js";

const doing = "defining a feed-forward trainer";

interface Given {
  readonly modelFn?: unknown;
  readonly callbacks?: unknown;
  readonly checkpointEvery?: unknown;
  readonly defaults?: object;
}

/** In a program without types anything may have been passed. @throws `PARAMETER_INVALID`, `PARAMETER_UNKNOWN` */
export function checkTrainer(options: object | undefined): void {
  const { modelFn, callbacks, checkpointEvery, defaults = {} } = (options ?? {}) as Given;
  if (typeof modelFn !== "function") {
    throw invalid(
      "it has no modelFn that can be called",
      "Give a function that returns the network: modelFn: ({ tf }) => …",
    );
  }
  if (callbacks !== undefined && typeof callbacks !== "function") {
    throw invalid(
      "its callbacks are no function",
      "Give a function that makes them: callbacks: () => [earlyStopping()].",
    );
  }
  if (checkpointEvery !== undefined && !(Number.isSafeInteger(checkpointEvery) && (checkpointEvery as number) > 0)) {
    throw invalid(
      `its checkpointEvery is ${String(checkpointEvery)}`,
      "Give a number of epochs, at least 1, or leave it out.",
    );
  }
  const unknown = Object.keys(defaults).find((name) => !parameterNames.includes(name));
  if (unknown === undefined) return;
  throw new TenonError("PARAMETER_UNKNOWN", {
    doing,
    found: `among its defaults is '${unknown}'; its parameters are ${parameterNames.join(", ")}`,
    fix: suggest(unknown, parameterNames, "Say it of a parameter of your own in its schema, by default(…).") as string,
  });
}

function invalid(found: string, fix: string): TenonError {
  return new TenonError("PARAMETER_INVALID", { doing, found, fix });
}
