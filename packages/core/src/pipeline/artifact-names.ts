import { TenonError } from "../errors.js";
import { nearest } from "./nearest.js";

/** What a step calls the artifacts that it makes: a name for its only output, or names by output. */
export type ArtifactNames = string | Readonly<Record<string, string>>;

/**
 * The artifact's name of each output; by default `pipeline.step`, or `pipeline.step.output` where outputs have names.
 *
 * @throws `STEP_INVALID`
 */
export function artifactNames(
  given: ArtifactNames | undefined,
  { single, outputs }: { readonly single: boolean; readonly outputs: Readonly<Record<string, unknown>> },
  prefix: string,
  doing: string,
): Record<string, string> {
  const names = Object.keys(outputs);
  const refuse = (found: string, fix: string): never => {
    throw new TenonError("STEP_INVALID", { doing: `${doing}, artifact`, found, fix });
  };
  if (typeof given === "string" && !single) {
    return refuse(
      "it is one name, and the step has named outputs",
      `Write artifact: { ${names[0] ?? "output"}: "…" }.`,
    );
  }
  const chosen: Readonly<Record<string, unknown>> = typeof given === "string" ? { output: given } : (given ?? {});
  for (const [output, name] of Object.entries(chosen)) {
    if (!names.includes(output)) {
      const known = names.length > 0 ? `its outputs are ${names.join(", ")}` : "it has no outputs";
      return refuse(`it names the output '${output}', and ${known}`, nearest(output, names).fix ?? "Leave it out.");
    }
    if (typeof name !== "string" || !/^[\p{L}_][\p{L}\p{N}_.-]*$/u.test(name) || Buffer.byteLength(name) > 100) {
      return refuse(
        `the name is ${JSON.stringify(name)}`,
        "A name starts with a letter, has letters, digits, '_', '.' and '-', and is at most 100 bytes long.",
      );
    }
  }
  return Object.fromEntries(
    names.map((output) => [output, String(chosen[output] ?? (single ? prefix : `${prefix}.${output}`))]),
  );
}
