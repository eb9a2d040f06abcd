import type { JsonObject } from "../contracts/json.js";
import type { LiteralInput, PlannedInput, PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { artifactId } from "../ledger/artifact-versions.js";
import type { ArtifactInput, ArtifactVersionRecord, MetadataInput, ResolvedInput } from "../ledger/records.js";
import { canonicalBytes, type InputDigest } from "./cache-key.js";

/** Where the inputs of a plan's steps come from while a run goes on. */
export interface InputSources {
  /** Undefined if the step gave no such output. */
  output(step: string, output: string): ArtifactVersionRecord | undefined;
  literal(input: LiteralInput): ArtifactVersionRecord | undefined;
  /** What a reference was resolved to before, by its `referenceKey`. */
  reference(key: string): ResolvedReference | undefined;
}

export interface ResolvedReference {
  readonly input: ArtifactInput | MetadataInput;
  /** Absent for metadata. */
  readonly record?: ArtifactVersionRecord;
}

export type ResolvedInputs = Readonly<Record<string, ResolvedInput>>;

/** @throws `INPUT_INVALID` if an input cannot be had although all the steps before have succeeded. */
export function resolveInputs(step: PlannedStep, sources: InputSources): ResolvedInputs {
  const resolved: Record<string, ResolvedInput> = {};
  for (const [name, input] of Object.entries(step.inputs)) {
    resolved[name] = resolve(input.from === "each" ? input.list : input, sources, step, name);
  }
  return resolved;
}

export function recordOf(input: PlannedInput, sources: InputSources): ArtifactVersionRecord | undefined {
  if (input.from === "step") return sources.output(input.step, input.output);
  if (input.from === "literal") return sources.literal(input);
  if (input.from === "reference") return sources.reference(referenceKey(input.reference))?.record;
  return undefined;
}

export function referenceKey(reference: JsonObject): string {
  return canonicalBytes(reference);
}

function resolve(input: PlannedInput, sources: InputSources, step: PlannedStep, name: string): ResolvedInput {
  if (input.from === "list") return { list: input.items.map((item) => resolve(item, sources, step, name)) };
  if (input.from === "each") return resolve(input.list, sources, step, name);
  const referenced = input.from === "reference" ? sources.reference(referenceKey(input.reference)) : undefined;
  if (referenced) return referenced.input;
  const record = recordOf(input, sources);
  if (record) return { artifact: artifactId(record), digest: record.digest };
  throw new TenonError("INPUT_INVALID", {
    doing: `resolving input '${name}' of step '${step.id}'`,
    found:
      input.from === "step"
        ? `step '${input.step}' returned nothing for its output '${input.output}'`
        : `there is no artifact for this ${input.from}`,
    ...(input.from === "step" && { fix: `Return a value from step '${input.step}'.` }),
  });
}

/** What inputs contribute to a cache key: content, not identity. */
export function digestsOf(inputs: ResolvedInputs): Record<string, InputDigest> {
  return Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, digestOf(input)]));
}

function digestOf(input: ResolvedInput): InputDigest {
  if ("list" in input) return input.list.map(digestOf);
  // Another view of the same bytes may be another value.
  return "as" in input ? [input.digest, `as ${input.as}`] : input.digest;
}
