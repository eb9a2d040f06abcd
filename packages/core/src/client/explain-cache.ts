import { readPlan } from "../compiler/read-plan.js";
import { canonicalText } from "../contracts/canonical.js";
import type { JsonObject, JsonValue } from "../contracts/json.js";
import { suggest } from "../contracts/nearest.js";
import type { PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ResolvedInput, StepRunRecord } from "../ledger/records.js";
import type { RunSummary } from "../ledger/runs.js";
import { codeChanges } from "./code-changes.js";

/** Why a step of a run had to run, or did not have to. */
export interface CacheExplanation {
  readonly runId: string;
  readonly stepId: string;
  readonly answer: "hit" | "miss" | "not asked" | "never cached" | "not reached";
  /** In words, as a clause. */
  readonly because: string;
  /** For a hit: the run whose outputs it has. */
  readonly from?: string;
  /** For a miss: the earlier run of the step that differs in the fewest fields, the newest of such. */
  readonly nearest?: { readonly runId: string; readonly created: string };
  /** What differs from the nearest one. */
  readonly differences: readonly CacheDifference[];
}

export interface CacheDifference {
  readonly field: "code" | "parameter" | "input" | "output" | "policy";
  /** `normalise in src/clean.ts`, `epochs`, `rows`. */
  readonly name: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** In words, with the name: `parameter epochs: 50 → 100`. */
  readonly text: string;
}

/** So many earlier runs of the pipeline are looked at, the newest first. */
const mostRuns = 50;

/**
 * Says why a step of a run was or was not taken from the cache.
 *
 * @throws `STEP_UNKNOWN` if the run has no such step
 */
export async function explainCache(ledger: Ledger, run: RunSummary, stepId: string): Promise<CacheExplanation> {
  const text = await ledger.plan(run.plan);
  const plan = text === undefined ? undefined : await readPlan(text);
  const planned = plan?.steps.find(({ id }) => id === stepId || (stepId.startsWith(`${id}[`) && stepId.endsWith("]")));
  const step = await ledger.stepRun(run.id, stepId);
  const base = { runId: run.id, stepId, differences: [] };
  if (!step) {
    if (!planned) throw unknownStep(run.id, stepId, plan?.steps.map(({ id }) => id) ?? []);
    return { ...base, answer: "not reached", because: "the run did not come as far as this step" };
  }
  if (step.status === "cached") {
    const from = step.cachedFrom as string;
    return { ...base, answer: "hit", because: `code, parameters and inputs are those of run ${from}`, from };
  }
  if (run.reproduces !== undefined && step.status !== "skipped") {
    return { ...base, answer: "not asked", because: `the run repeats run ${run.reproduces}, every step of it` };
  }
  if (step.status === "skipped" || step.cacheKey === undefined)
    return { ...base, ...(await withoutKey(ledger, step, planned)) };
  if (run.cache === false) return { ...base, answer: "not asked", because: "the run was told to run every step" };
  const candidates = await earlier(ledger, run, step);
  const [nearest] = candidates.sort((one, other) => one.distance - other.distance);
  if (!nearest)
    return { ...base, answer: "miss", because: `no earlier run has done this step${looked(candidates.length)}` };
  const found = { runId: nearest.run.id, created: nearest.run.created };
  if (nearest.distance === 0) {
    return { ...base, answer: "miss", because: await stale(ledger, step, nearest.step, planned), nearest: found };
  }
  const differences = await differing(ledger, nearest.step, step);
  return {
    ...base,
    answer: "miss",
    because: `it differs from run ${found.runId}, the nearest earlier one`,
    nearest: found,
    differences,
  };
}

function looked(count: number): string {
  return count >= mostRuns ? ` (of the last ${mostRuns})` : "";
}

function unknownStep(runId: string, stepId: string, steps: readonly string[]): TenonError {
  const fix = suggest(stepId, steps, `It has ${steps.join(", ")}.`);
  return new TenonError("STEP_UNKNOWN", {
    doing: `looking for step '${stepId}' of run ${runId}`,
    found: "the run has none of that name",
    ...(fix !== undefined && { fix }),
  });
}

async function withoutKey(
  ledger: Ledger,
  step: StepRunRecord,
  planned: PlannedStep | undefined,
): Promise<Pick<CacheExplanation, "answer" | "because">> {
  if (step.status === "skipped") return { answer: "not reached", because: step.because ?? "it was skipped" };
  if (planned?.settings.cache.enabled === false)
    return { answer: "never cached", because: "it is defined with cache: false" };
  if (planned?.settings.deterministic === false) {
    return { answer: "never cached", because: "it says of itself that equal inputs may give other bytes" };
  }
  const sources = await ledger.code.sources(step.runId);
  const because = sources.find(({ steps }) => steps.includes(planned?.id ?? step.stepId))?.because;
  const inFunction = planned?.source.binding === undefined && "it is made inside a function";
  return {
    answer: "never cached",
    because: `there is no fingerprint of its code${inFunction || because ? `: ${inFunction || because}` : ""}`,
  };
}

interface Candidate {
  readonly run: RunSummary;
  readonly step: StepRunRecord;
  readonly distance: number;
}

/** Earlier outcomes of the step, the newest first, up to one that is equal. */
async function earlier(ledger: Ledger, run: RunSummary, step: StepRunRecord): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const other of await ledger.runs({ pipeline: run.pipeline, before: run.id, limit: mostRuns })) {
    const candidate = await ledger.stepRun(other.id, step.stepId);
    if (!candidate?.cacheParts || (candidate.status !== "succeeded" && candidate.status !== "cached")) continue;
    const distance = fieldsThatDiffer(candidate.cacheParts, step.cacheParts ?? {});
    found.push({ run: other, step: candidate, distance });
    if (distance === 0) break;
  }
  return found;
}

/** Parameters and inputs count one by one, all else as a whole. */
function fieldsThatDiffer(before: JsonObject, after: JsonObject): number {
  return changed(before, after).reduce((sum, name) => {
    const inner = name === "parameters" || name === "inputs" || name === "outputs";
    return sum + (inner ? changed(asObject(before[name]), asObject(after[name])).length : 1);
  }, 0);
}

/** Why an equal result was not taken all the same. */
async function stale(
  ledger: Ledger,
  step: StepRunRecord,
  before: StepRunRecord,
  planned: PlannedStep | undefined,
): Promise<string> {
  const equal = `run ${before.runId} had the same code, parameters and inputs, but`;
  const { timeToLive } = planned?.settings.cache ?? {};
  const age = Date.parse(step.started) - Date.parse(before.ended);
  if (age < 0) return `${equal} it had not finished the step when this one began`;
  if (timeToLive !== undefined && age > timeToLive) {
    return `${equal} its result was ${duration(age)} old and counts for ${duration(timeToLive)} only`;
  }
  const artifacts = await ledger.artifacts(Object.values(before.outputs));
  if (artifacts.some((artifact) => artifact === undefined || "removed" in artifact))
    return `${equal} its artifacts have been removed`;
  return `${equal} its result could not be used: its bytes were gone, or the cache had been told to forget it`;
}

function duration(milliseconds: number): string {
  const units = [
    [86_400_000, "d"],
    [3_600_000, "h"],
    [60_000, "min"],
    [1000, "s"],
  ] as const;
  const [size, unit] = units.find(([size]) => milliseconds >= size) ?? [1, "ms"];
  return `${Math.round(milliseconds / size)} ${unit}`;
}

async function differing(ledger: Ledger, before: StepRunRecord, after: StepRunRecord): Promise<CacheDifference[]> {
  const [old, now] = [before.cacheParts ?? {}, after.cacheParts ?? {}];
  const values = (name: string) => [asObject(old[name]), asObject(now[name])] as const;
  const [oldParameters, parameters] = values("parameters");
  const [oldInputs, inputs] = values("inputs");
  const [oldOutputs, outputs] = values("outputs");
  const rest = changed(old, now).filter((name) => !["code", "parameters", "inputs", "outputs"].includes(name));
  return [
    ...(old.code === now.code ? [] : await codeDifferences(ledger, String(old.code), String(now.code))),
    ...changed(oldParameters, parameters).map((name) =>
      difference("parameter", name, oldParameters[name], parameters[name]),
    ),
    ...changed(oldInputs, inputs).map((name) =>
      difference("input", name, inputText(before.inputs[name]), inputText(after.inputs[name])),
    ),
    ...changed(oldOutputs, outputs).map((name) => difference("output", name, oldOutputs[name], outputs[name])),
    ...rest.map((name) => difference("policy", policyNames[name] ?? name, old[name], now[name])),
  ];
}

const policyNames: Readonly<Record<string, string>> = {
  key: "cache.key",
  each: "the inputs that it runs over",
  element: "whether it is an element of a map",
};

async function codeDifferences(ledger: Ledger, before: string, after: string): Promise<CacheDifference[]> {
  const [old, now] = await ledger.code.fingerprints([before, after]);
  const changes = old && now ? codeChanges(old, now) : [];
  if (changes.length === 0) {
    const text =
      old && now
        ? "code: the step's name, or code outside any declaration, changed"
        : "code: it changed; what of it is not on record";
    return [{ field: "code", name: "code", before, after, text }];
  }
  return changes.map(({ field, name, change }) => ({ field: "code", name, text: `${field}: ${name} ${change}` }));
}

function difference(
  field: CacheDifference["field"],
  name: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): CacheDifference {
  // An output without a declared type is saved by whatever fits its value.
  const [from, to] = field === "output" ? [before ?? "not declared", after ?? "not declared"] : [before, after];
  const text = `${field === "policy" ? "cache policy" : field} ${name}: ${shown(from)} → ${shown(to)}`;
  return { field, name, text, ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

/** `penguins.clean@3`, `accuracy of churn@2 (0.94)`. */
function inputText(input: ResolvedInput | undefined): string | undefined {
  if (input === undefined) return undefined;
  if ("list" in input) return `[${input.list.map(inputText).join(", ")}]`;
  if ("metadata" in input) {
    return `${input.metadata} of ${input.artifact ?? input.model} (${JSON.stringify(input.value)})`;
  }
  return `${input.artifact}${input.element === undefined ? "" : `[${input.element}]`}`;
}

function changed(before: JsonObject, after: JsonObject): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => text(before[name]) !== text(after[name]));
}

function text(value: JsonValue | undefined): string {
  return value === undefined ? "" : canonicalText(value);
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
