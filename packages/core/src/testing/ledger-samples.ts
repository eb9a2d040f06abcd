import type { StepCommit } from "../ledger/commit.js";
import type { NewArtifactVersion } from "../ledger/ledger.js";
import type { RunRecord, StepRunRecord } from "../ledger/records.js";

/** Records with everything that they need, for tests of what keeps and reads them. */
export const time = "2026-01-02T03:04:05.678Z";

/** An id that sorts like the number. */
export function runId(number: number): string {
  return `01JD${String(number).padStart(22, "0")}`;
}

export function sampleRun(number: number, rest: Partial<RunRecord> = {}): RunRecord {
  return {
    id: runId(number),
    pipeline: "penguins",
    plan: "sha256:plan",
    stack: { name: "local", components: {} },
    created: time,
    user: "ada",
    host: "here",
    parameterOrigins: {},
    tags: [],
    versions: { core: "1.0.0", node: "20.20.2" },
    ...rest,
  };
}

export function sampleStep(runNumber: number, stepId: string, rest: Partial<StepRunRecord> = {}): StepRunRecord {
  const times = { started: time, ended: time, durationMs: 1 };
  return {
    runId: runId(runNumber),
    stepId,
    status: "succeeded",
    attempt: 1,
    ...times,
    inputs: {},
    outputs: {},
    metadata: {},
    ...rest,
  };
}

export function sampleArtifact(name: string, content: string): NewArtifactVersion {
  return {
    name,
    type: "json",
    materializer: "core:json",
    format: "json",
    location: `artifacts/${name}/${content}`,
    uri: `file:///artifacts/${name}/${content}`,
    size: content.length,
    digest: `sha256:${content}`,
    metadata: {},
    tags: [],
    visualizations: [],
  };
}

/** One output, `output`, as the artifact `penguins.<step>`. */
export function sampleCommit(
  runNumber: number,
  stepId: string,
  { attempt = 1, content = "1", cacheKey = `sha256:key-${stepId}`, ...rest }: SampleCommitOptions = {},
): StepCommit {
  const { outputs: _, ...step } = sampleStep(runNumber, stepId, { attempt, cacheKey, ...rest });
  return {
    step,
    attemptEnd: { outcome: "committed", ended: time, durationMs: 1 },
    artifacts: { output: sampleArtifact(`penguins.${stepId}`, content) },
    cacheKey,
  };
}

export interface SampleCommitOptions extends Partial<StepRunRecord> {
  readonly content?: string;
  readonly cacheKey?: string;
}
