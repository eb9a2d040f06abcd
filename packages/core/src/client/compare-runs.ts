import { readPlan } from "../compiler/read-plan.js";
import { canonicalText, jsonDigest } from "../contracts/canonical.js";
import type { JsonValue } from "../contracts/json.js";
import { type Plan, plannedStepId } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, ResolvedInput, StepRunRecord } from "../ledger/records.js";
import type { RunSummary } from "../ledger/runs.js";
import { type CodeChange, codeChanges } from "./code-changes.js";
import type { ComparedCode, ComparedRuns } from "./compared-runs.js";

interface RunFacts {
  readonly run: RunSummary;
  readonly plan: Plan | undefined;
  readonly steps: readonly StepRunRecord[];
  readonly artifacts: readonly ArtifactVersionRecord[];
}

/**
 * Puts runs of one ledger side by side.
 *
 * @throws `RUNS_NOT_COMPARABLE` if their artifacts lie in different stores, or there are fewer than two
 */
export async function compareRuns(ledger: Ledger, runs: readonly RunSummary[]): Promise<ComparedRuns> {
  checkStores(runs);
  const facts = await Promise.all(runs.map((run) => factsOf(ledger, run)));
  return {
    runs: runs.map(({ id, pipeline, status, created, durationMs = 0, stack }) => {
      return { id, pipeline, status, created, durationMs, stack: stack.name };
    }),
    parameters: rows(facts, parameters).map(({ name, values }) => ({ name, values })),
    code: await comparedCode(ledger, facts),
    inputs: rows(facts, inputs).map(({ name, values }) => ({ name, digests: values })),
    metadata: rows(facts, metadata).map(({ name, values }) => ({ name, values })),
    durations: rows(facts, durations).map(({ name, values }) => ({ step: name, milliseconds: values })),
    digests: rows(facts, digests).map(({ name, values }) => ({ name, digests: values })),
  };
}

function checkStores(runs: readonly RunSummary[]): void {
  const doing = `comparing the runs ${runs.map(({ id }) => id).join(", ")}`;
  if (runs.length < 2) {
    throw new TenonError("RUNS_NOT_COMPARABLE", {
      doing,
      found: "a comparison needs two runs at least",
      fix: "Name another one: tenon run list shows them.",
    });
  }
  const [first, ...others] = runs as readonly [RunSummary, ...RunSummary[]];
  for (const kind of ["metadataStore", "artifactStore"]) {
    const store = storeOf(first, kind);
    const other = others.find((run) => storeOf(run, kind) !== store);
    if (other === undefined) continue;
    throw new TenonError("RUNS_NOT_COMPARABLE", {
      doing,
      found:
        `run ${first.id} was made on stack '${first.stack.name}', run ${other.id} on stack '${other.stack.name}', ` +
        `whose ${kind === "artifactStore" ? "artifact" : "metadata"} stores differ`,
      fix: "Versions and digests mean the same only within one pair of stores: run the pipeline once more on the other stack.",
    });
  }
}

function storeOf({ stack }: RunSummary, kind: string): string {
  const { flavor, config } = stack.components[kind] ?? { flavor: "", config: {} };
  return canonicalText({ flavor, config });
}

async function factsOf(ledger: Ledger, run: RunSummary): Promise<RunFacts> {
  const [text, steps] = await Promise.all([ledger.plan(run.plan), ledger.stepRuns(run.id)]);
  const ids = [...new Set(steps.flatMap(({ outputs }) => Object.values(outputs)))];
  const artifacts = await ledger.artifacts(ids);
  const plan = text === undefined ? undefined : await readPlan(text);
  return { run, plan, steps, artifacts: artifacts.filter((artifact) => artifact !== undefined) };
}

/** One row for every name that any run has, in the order in which they come. */
function rows<T>(
  facts: readonly RunFacts[],
  read: (facts: RunFacts) => ReadonlyMap<string, T>,
): { readonly name: string; readonly values: readonly (T | undefined)[] }[] {
  const all = facts.map(read);
  const names = new Set(all.flatMap((one) => [...one.keys()]));
  return [...names].map((name) => ({ name, values: all.map((one) => one.get(name)) }));
}

function parameters({ plan }: RunFacts): Map<string, JsonValue> {
  const found = new Map<string, JsonValue>(Object.entries(plan?.parameters ?? {}));
  for (const step of plan?.steps ?? []) {
    for (const [name, value] of Object.entries(step.parameters)) found.set(`${step.id}.${name}`, value);
  }
  return found;
}

function inputs({ steps }: RunFacts): Map<string, string> {
  const whole = steps.filter(({ stepId }) => !isElement(stepId));
  return new Map(
    whole.flatMap(({ stepId, inputs }) =>
      Object.entries(inputs).map(([name, input]) => [`${stepId}.${name}`, inputDigest(input)] as const),
    ),
  );
}

function inputDigest(input: ResolvedInput): string {
  return "list" in input ? jsonDigest(input.list.map(inputDigest)) : input.digest;
}

function metadata({ run, steps, artifacts }: RunFacts): Map<string, JsonValue> {
  const found = new Map<string, JsonValue>();
  const add = (owner: string, values: Readonly<Record<string, JsonValue>> | undefined) => {
    for (const [name, value] of Object.entries(values ?? {})) found.set(`${owner}.${name}`, value);
  };
  for (const artifact of artifacts) add(shortName(artifact.name, run.pipeline), artifact.metadata);
  for (const { stepId, metadata, runMetadata, model } of steps) {
    add(stepId, metadata);
    add("run", runMetadata);
    if (model) add(`model ${model.name}`, model.metadata);
  }
  return found;
}

/** Artifacts are named after their pipeline; side by side that goes without saying. */
function shortName(name: string, pipeline: string): string {
  return name.startsWith(`${pipeline}.`) ? name.slice(pipeline.length + 1) : name;
}

function durations({ steps }: RunFacts): Map<string, number> {
  const ran = steps.filter(
    ({ stepId, status, attempt }) => !isElement(stepId) && (status === "succeeded" || attempt > 0),
  );
  return new Map(ran.map(({ stepId, durationMs }) => [stepId, durationMs]));
}

/** What a reproduction has made stands beside what the run that it repeats has made. */
function digests({ run, artifacts }: RunFacts): Map<string, string> {
  const usual = (name: string) => (run.reproduces === undefined ? name : name.replace(/^reproduced\./, ""));
  return new Map(artifacts.map(({ name, digest }) => [usual(name), digest]));
}

function isElement(stepId: string): boolean {
  return plannedStepId(stepId) !== stepId;
}

async function comparedCode(ledger: Ledger, facts: readonly RunFacts[]): Promise<ComparedCode[]> {
  // What ran is known by its cache key; the plan says it of what did not come so far.
  const fingerprints = rows(facts, ({ plan, steps }) => {
    const planned = (plan?.steps ?? []).map(({ id, fingerprint }) => [id, fingerprint] as const);
    const ran = steps
      .filter(({ stepId }) => !isElement(stepId))
      .map(({ stepId, cacheParts }) => [stepId, cacheParts?.code] as const);
    return new Map(
      [...planned, ...ran].flatMap(([id, value]) => (typeof value === "string" ? [[id, value] as const] : [])),
    );
  });
  const wanted = [...new Set(fingerprints.flatMap(({ values }) => (new Set(values).size > 1 ? values : [])))].filter(
    (one) => one !== undefined,
  );
  const records = new Map((await ledger.code.fingerprints(wanted)).map((parts, index) => [wanted[index], parts]));
  return fingerprints.map(({ name, values }) => {
    const [first, ...others] = values.filter((one) => one !== undefined);
    const before = records.get(first);
    const changes = [...new Set(others)].flatMap((other) => {
      const after = records.get(other);
      return before && after ? codeChanges(before, after).map(inShort) : [];
    });
    return { step: name, fingerprints: values, ...(changes.length > 0 && { changedFunctions: [...new Set(changes)] }) };
  });
}

function inShort({ name, change }: CodeChange): string {
  return change === "changed" ? name : `${name} ${change}`;
}
