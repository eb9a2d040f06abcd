import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import { canonicalText } from "../contracts/canonical.js";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord, ResolvedInput, StepRunRecord } from "../ledger/records.js";
import { codeChanges, describeCodeChange } from "./code-changes.js";
import { describeDifference } from "./describe-difference.js";
import { firstDifference } from "./first-difference.js";
import type { ReproducedArtifact, ReproducedCode } from "./reproduction.js";

interface Both {
  /** As it was recorded. */
  readonly recorded: Plan;
  /** With the fingerprints of the code that has now run. */
  readonly present: Plan;
  readonly runId: string;
  readonly own: string;
}

export async function compareReproduction(
  { ledger, vault }: { readonly ledger: Ledger; readonly vault: ArtifactVault },
  { recorded, present, runId, own }: Both,
): Promise<{ readonly code: Omit<ReproducedCode, "reference">[]; readonly artifacts: ReproducedArtifact[] }> {
  const [before, after] = await Promise.all([stepRuns(ledger, runId), stepRuns(ledger, own)]);
  const artifacts: ReproducedArtifact[] = [];
  const verdicts = new Map<string, ReproducedArtifact["verdict"]>();
  for (const step of recorded.steps) {
    const [old, now] = [before.get(step.id), after.get(step.id)];
    const inputs = old && now ? differingInputs(old, now) : [];
    for (const [output, id] of Object.entries(old?.outputs ?? {})) {
      const other = now?.outputs[output];
      const [was, is] = await ledger.artifacts(other === undefined ? [id] : [id, other]);
      const verdict = verdictOf(was, is, step, inputs, verdicts);
      verdicts.set(`${step.id}.${output}`, verdict);
      const difference = was && is && verdict !== "same" ? await describe(vault, was, is) : undefined;
      artifacts.push({
        step: step.id,
        output,
        recorded: id,
        ...(other !== undefined && { reproduced: other }),
        verdict,
        ...(difference !== undefined && { difference }),
        ...(inputs.length > 0 && verdict !== "same" && { inputs }),
      });
    }
  }
  return { code: await comparedCode(ledger, recorded, present, before), artifacts };
}

async function stepRuns(ledger: Ledger, runId: string): Promise<Map<string, StepRunRecord>> {
  return new Map((await ledger.stepRuns(runId)).map((step) => [step.stepId, step]));
}

function verdictOf(
  was: ArtifactVersionRecord | undefined,
  is: ArtifactVersionRecord | undefined,
  step: PlannedStep,
  inputs: readonly string[],
  verdicts: ReadonlyMap<string, ReproducedArtifact["verdict"]>,
): ReproducedArtifact["verdict"] {
  if (!was || !is) return "missing";
  if (was.digest === is.digest) return "same";
  if (!step.settings.deterministic) return "not deterministic";
  const sources = inputs.flatMap((name) => sourcesOf(step, name));
  const excused = sources.length > 0 && sources.every((source) => verdicts.get(source) === "not deterministic");
  return excused ? "not deterministic" : "different";
}

/** The step outputs behind an input, of which only those that differ have a verdict worth asking for. */
function sourcesOf(step: PlannedStep, name: string): string[] {
  const found: string[] = [];
  const visit = (input: PlannedStep["inputs"][string] | undefined): void => {
    if (input?.from === "step") found.push(`${input.step}.${input.output}`);
    else if (input?.from === "list") input.items.forEach(visit);
    else if (input?.from === "each") visit(input.list);
  };
  visit(step.inputs[name]);
  return found;
}

function differingInputs(before: StepRunRecord, after: StepRunRecord): string[] {
  return Object.keys(before.inputs).filter((name) => digestOf(before.inputs[name]) !== digestOf(after.inputs[name]));
}

function digestOf(input: ResolvedInput | undefined): string {
  if (input === undefined) return "";
  return "list" in input ? canonicalText(input.list.map(digestOf)) : input.digest;
}

async function describe(
  vault: ArtifactVault,
  was: ArtifactVersionRecord,
  is: ArtifactVersionRecord,
): Promise<string | undefined> {
  if (was.elements && is.elements) return describeElements(vault, was.elements, is.elements);
  return describeFiles(vault, was, is);
}

type Stored = Parameters<ArtifactVault["reader"]>[0];

async function describeElements(
  vault: ArtifactVault,
  was: readonly Stored[],
  is: readonly Stored[],
): Promise<string | undefined> {
  if (was.length !== is.length) return `${was.length} elements against ${is.length}`;
  const index = was.findIndex((element, place) => element.digest !== is[place]?.digest);
  const [one, other] = [was[index], is[index]];
  if (!one || !other) return undefined;
  return `in element ${index}${prefixed(await describeFiles(vault, one, other))}`;
}

function prefixed(text: string | undefined): string {
  return text === undefined ? "" : ` ${text}`;
}

/** Undefined if the bytes of one of them are gone. */
async function describeFiles(vault: ArtifactVault, was: Stored, is: Stored): Promise<string | undefined> {
  try {
    const found = await firstDifference(await vault.reader(was), await vault.reader(is));
    return found && describeDifference(found);
  } catch (error) {
    if (TenonError.is(error)) return undefined;
    throw error;
  }
}

async function comparedCode(
  ledger: Ledger,
  recorded: Plan,
  present: Plan,
  before: ReadonlyMap<string, StepRunRecord>,
): Promise<Omit<ReproducedCode, "reference">[]> {
  const found: Omit<ReproducedCode, "reference">[] = [];
  for (const step of recorded.steps) {
    // What has run then is known by its cache key; a plan that was run as it is may be older.
    const ran = before.get(step.id)?.cacheParts?.code;
    const was = typeof ran === "string" ? ran : step.fingerprint;
    const is = present.steps.find(({ id }) => id === step.id)?.fingerprint;
    if (was === undefined || is === undefined) found.push({ step: step.id, verdict: "unknown", changes: [] });
    else if (was === is) found.push({ step: step.id, verdict: "same", changes: [] });
    else {
      const [old, now] = await ledger.code.fingerprints([was, is]);
      const changes = old && now ? codeChanges(old, now).map(describeCodeChange) : [];
      found.push({ step: step.id, verdict: "different", changes });
    }
  }
  return found;
}
