import type { ArtifactType } from "../contracts/artifact-type.js";
import type { RunStatus } from "../contracts/hooks.js";
import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import type { DriverResult, StepStatus } from "../runtime/driver.js";
import { cancelledError } from "../runtime/session.js";

/** One output of a run. */
export interface RunOutput<T> {
  readonly artifact: ArtifactVersionRecord;
  /** Reads and verifies the value; `as` asks for another view of the same bytes. */
  load(): Promise<T>;
  load<A>(options: { readonly as: ArtifactType<A> }): Promise<A>;
}

/** What came of a run. */
export interface RunResult<Outputs = Readonly<Record<string, unknown>>> {
  readonly id: string;
  readonly pipeline: string;
  readonly status: Exclude<RunStatus, "running">;
  /** Digest of the plan. */
  readonly plan: string;
  readonly durationMs: number;
  /** By name; those whose step did not succeed are missing. */
  readonly outputs: { readonly [K in keyof Outputs]: RunOutput<Outputs[K]> };
  /** How each step of the plan came out, in the plan's order. */
  readonly steps: readonly { readonly id: string; readonly status: StepStatus }[];
  /** The steps that failed, with what they threw. */
  readonly failures: readonly { readonly stepId: string; readonly error: unknown }[];
  /** What the pipeline's author should know, such as a step that can never be cached; each once. */
  readonly warnings: readonly string[];
}

export interface View {
  readonly as: ArtifactType<unknown>;
}
export type LoadArtifact = (artifact: ArtifactVersionRecord, view?: View) => Promise<unknown>;

export function runResult(
  {
    id,
    plan,
    digest,
    warnings,
    durationMs,
  }: { id: string; plan: Plan; digest: string; warnings: readonly string[]; durationMs: number },
  { status, outputs, failures, steps }: DriverResult,
  load: LoadArtifact,
): RunResult {
  const named: Record<string, RunOutput<unknown>> = {};
  for (const [name, { step, output }] of Object.entries(plan.outputs)) {
    const artifact = outputs.get(step)?.[output];
    if (artifact) named[name] = { artifact, load: async (view?: View) => (await load(artifact, view)) as never };
  }
  return {
    id,
    pipeline: plan.pipeline,
    status,
    plan: digest,
    durationMs,
    outputs: named,
    steps: plan.steps.map(({ id }) => ({ id, status: steps.get(id) ?? "skipped" })),
    failures: failures.map(({ stepId, failure }) => ({ stepId, error: failure.error })),
    warnings,
  };
}

/** What is thrown for a run that did not succeed. */
export function runError({ id, pipeline, status, failures }: RunResult): TenonError | undefined {
  if (status === "succeeded") return undefined;
  const [first, ...others] = failures;
  if (status === "cancelled") return cancelledError(id);
  const message = first?.error instanceof Error ? first.error.message : String(first?.error);
  const more = others.length > 0 ? ` (and ${others.map(({ stepId }) => `'${stepId}'`).join(", ")})` : "";
  return new TenonError("RUN_FAILED", {
    doing: `running pipeline '${pipeline}'`,
    found: `step '${first?.stepId}' failed${more}: ${message.replace(/[.?]$/, "")}`,
    fix: `Read its log with: tenon run logs ${id} ${first?.stepId}. When it is mended, go on with: tenon run resume ${id}`,
    details: { runId: id, steps: failures.map(({ stepId }) => stepId) },
    cause: first?.error,
  });
}
