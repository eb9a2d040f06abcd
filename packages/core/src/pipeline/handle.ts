import { TenonError } from "../errors.js";
import { nearest } from "./nearest.js";

declare const handleValue: unique symbol;
const target = Symbol.for("tenon.handle");
const owner = Symbol.for("tenon.handles");

/**
 * What a step will have made once it has run. Inside the body of a pipeline it stands for the value: pass it on to
 * other steps, return it. It is not the value: using it as one throws `HANDLE_MISUSED`.
 */
export interface Handle<out T> {
  readonly [handleValue]: T;
}

/** The handles of a step with several outputs, by output name. */
export type Handles<Outputs> = { readonly [K in keyof Outputs]: Handle<Outputs[K]> };

/** Where a handle points to: `node` is the call that made it. */
export interface HandleTarget {
  readonly node: object;
  readonly step: string;
  readonly output: string;
}

export function createHandle<T>(to: HandleTarget): Handle<T> {
  const misuse = (found: string): never => {
    throw new TenonError("HANDLE_MISUSED", {
      doing: `using output '${to.output}' of step '${to.step}'`,
      found: `${found}, but in the body of a pipeline nothing has run yet and there is no value`,
      fix: "Pass the handle to a step that works with the value, or read it from the run's result.",
    });
  };
  const refuse = (name: string) => () => misuse(name);
  return new Proxy(Object.freeze({ [target]: to }), {
    get(object, key) {
      if (key === target) return object[target];
      if (key === Symbol.toPrimitive) return refuse("it was turned into a text or a number");
      if (key === Symbol.iterator || key === Symbol.asyncIterator) return misuse("it was looped over or spread");
      if (typeof key === "symbol") return undefined;
      if (key === "toJSON") return refuse("it was serialised");
      if (key === "toString" || key === "valueOf") return refuse("it was turned into a text or a number");
      if (key === "then") return misuse("it was awaited (or returned from an async function)");
      return misuse(`its property '${key}' was read`);
    },
    has: (object, key) => key in object,
    set: (_, key) => misuse(`its property '${String(key)}' was set`),
  }) as unknown as Handle<T>;
}

/** The outputs of a step that has several, or none; a name that it does not have throws. */
export function createHandles<Outputs>(node: object, step: string, names: readonly string[]): Handles<Outputs> {
  const handles: Record<string | symbol, unknown> = Object.create(null);
  for (const name of names) handles[name] = createHandle({ node, step, output: name });
  Object.defineProperty(handles, owner, { value: { node, step, names } });
  return new Proxy(Object.freeze(handles), {
    get(object, key) {
      if (typeof key === "symbol" || key in object) return object[key];
      throw new TenonError("HANDLE_MISUSED", {
        doing: `taking output '${key}' of step '${step}'`,
        found: names.length === 0 ? "the step declares no outputs" : `its outputs are ${names.join(", ")}`,
        ...nearest(key, names),
      });
    },
  }) as Handles<Outputs>;
}

export function handleTarget(value: unknown): HandleTarget | undefined {
  return branded(value, target) as HandleTarget | undefined;
}

/** For what a step with several outputs returned: the call and the names of its outputs. */
export function handlesOwner(
  value: unknown,
): { readonly node: object; readonly step: string; readonly names: readonly string[] } | undefined {
  return branded(value, owner) as ReturnType<typeof handlesOwner>;
}

function branded(value: unknown, brand: symbol): unknown {
  return typeof value === "object" && value !== null ? (value as Record<symbol, unknown>)[brand] : undefined;
}
