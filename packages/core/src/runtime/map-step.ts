import { createHash } from "node:crypto";
import { jsonDigest } from "../contracts/canonical.js";
import type { JsonValue } from "../contracts/json.js";
import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import { artifactId, type NewArtifactVersion } from "../ledger/artifact-versions.js";
import type { StepCommit } from "../ledger/commit.js";
import type {
  ArtifactInput,
  ArtifactVersionRecord,
  ElementRecord,
  MetadataInput,
  ResolvedInput,
} from "../ledger/records.js";
import { type CacheKey, canonicalBytes } from "./cache-key.js";
import { type InputSources, type ResolvedInputs, recordOf } from "./resolve-inputs.js";
import type { RunContext } from "./run-context.js";
import type { Failure } from "./work.js";

/** A mapped step while its elements are at work. */
export interface MapStep {
  readonly place: number;
  readonly step: PlannedStep;
  readonly inputs: ResolvedInputs;
  readonly cache: CacheKey | undefined;
  readonly started: string;
  readonly clock: number;
  readonly results: (Readonly<Record<string, ElementRecord>> | undefined)[];
  readonly failures: { readonly id: string; readonly failure: Failure }[];
  remaining: number;
  cancelled: boolean;
}

export function newMap(
  place: number,
  step: PlannedStep,
  inputs: ResolvedInputs,
  cache: CacheKey | undefined,
  length: number,
): MapStep {
  const results = Array.from({ length }, () => undefined);
  const started = new Date().toISOString();
  const clock = performance.now();
  return { place, step, inputs, cache, started, clock, results, failures: [], remaining: length, cancelled: false };
}

/** What the ledger is told when all elements have succeeded. */
export function mapCommit(map: MapStep, run: RunContext): StepCommit {
  const { step, cache, inputs, started } = map;
  const model = run.models(step);
  const ended = new Date().toISOString();
  const durationMs = Math.round((performance.now() - map.clock) * 1000) / 1000;
  return {
    step: {
      runId: run.id,
      stepId: step.id,
      status: "succeeded",
      attempt: 0,
      started,
      ended,
      durationMs,
      ...(cache && { cacheKey: cache.key, cacheParts: cache.parts }),
      inputs,
      metadata: {},
      ...(model && { model }),
    },
    attemptEnd: { outcome: "committed", ended, durationMs },
    artifacts: collections(map, run.id, ended),
    ...(cache && { cacheKey: cache.key }),
  };
}

/**
 * The inputs of each element, now that the lists are there.
 *
 * @throws `INPUT_INVALID` if the lists are of unequal lengths, or something is no list.
 */
export async function elementInputs(
  run: RunContext,
  step: PlannedStep,
  inputs: ResolvedInputs,
  sources: InputSources,
): Promise<ResolvedInputs[]> {
  const lists = new Map<string, readonly ResolvedInput[]>();
  for (const [name, planned] of Object.entries(step.inputs)) {
    if (planned.from !== "each") continue;
    const resolved = inputs[name] as ResolvedInput;
    if ("list" in resolved) lists.set(name, resolved.list);
    else if ("metadata" in resolved) lists.set(name, elementsOfMetadata(resolved));
    else lists.set(name, await elementsOf(run, recordOf(planned.list, sources) as ArtifactVersionRecord, resolved));
  }
  const lengths = new Set([...lists.values()].map((list) => list.length));
  if (lengths.size > 1) {
    throw new TenonError("INPUT_INVALID", {
      doing: `mapping step '${step.id}' over its lists`,
      found: [...lists].map(([name, list]) => `'${name}' has ${list.length} elements`).join(" and "),
      fix: "Give each() lists of equal length.",
    });
  }
  const [length = 0] = lengths;
  return Array.from({ length }, (_, index) => {
    const own: Record<string, ResolvedInput> = { ...inputs };
    for (const [name, list] of lists) own[name] = list[index] as ResolvedInput;
    return own;
  });
}

/** @throws `INPUT_INVALID` */
function elementsOfMetadata(input: MetadataInput): readonly ResolvedInput[] {
  const { value } = input;
  if (Array.isArray(value)) {
    return value.map((item: JsonValue) => ({ ...input, value: item, digest: jsonDigest(item) }));
  }
  throw new TenonError("INPUT_INVALID", {
    doing: `taking the elements of the metadata '${input.metadata}' of ${input.artifact ?? input.model}`,
    found: "it holds no list",
    fix: "Give each() metadata that is a list.",
  });
}

async function elementsOf(
  run: RunContext,
  record: ArtifactVersionRecord,
  { as, model }: ArtifactInput,
): Promise<readonly ResolvedInput[]> {
  const place = {
    artifact: artifactId(record),
    ...(as !== undefined && { as }),
    ...(model !== undefined && { model }),
  };
  if (record.elements) return record.elements.map(({ digest }, element) => ({ ...place, digest, element }));
  const elements: ResolvedInput[] = [];
  for (const [element, value] of (await run.inputs.list(place.artifact, record, as)).entries()) {
    const encoded = await run.vault.encode(value);
    elements.push({ ...place, digest: encoded.digest, element });
    await encoded.dispose();
  }
  return elements;
}

/** One artifact version an output, made of what the elements gave, in their order. */
function collections(map: MapStep, runId: string, created: string): Record<string, NewArtifactVersion> {
  const { step, results } = map;
  const made: Record<string, NewArtifactVersion> = {};
  for (const [output, planned] of Object.entries(step.outputs)) {
    const elements = results.map((result) => result?.[output]).filter((element) => element !== undefined);
    if (elements.length < results.length && planned.type === undefined) continue;
    made[output] = {
      name: planned.artifact,
      type: "collection",
      materializer: "core:collection",
      format: "collection/1",
      location: "",
      uri: "",
      size: elements.reduce((sum, { size }) => sum + size, 0),
      digest: collectionDigest(elements),
      metadata: { length: elements.length },
      tags: step.settings.tags,
      created,
      producer: { runId, stepId: step.id, output },
      elements,
      visualizations: [],
    };
  }
  return made;
}

/** Of what the elements are, not of where they lie. */
function collectionDigest(elements: readonly ElementRecord[]): string {
  const content = elements.map(({ type, format, digest }) => [type, format, digest]);
  return `sha256:${createHash("sha256").update(canonicalBytes(content)).digest("hex")}`;
}

export function mapFailure({ step, results, failures }: MapStep): TenonError {
  const ids = failures.map(({ id }) => `'${id}'`);
  const shown = ids.length > 5 ? `${ids.slice(0, 5).join(", ")} and ${ids.length - 5} more` : ids.join(", ");
  return new TenonError("STEP_FAILED", {
    doing: `mapping step '${step.id}'`,
    found: `${failures.length} of its ${results.length} elements failed: ${shown}`,
    cause: failures[0]?.failure.error,
  });
}
