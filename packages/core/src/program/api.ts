import type { PipelineDefinition, PipelineOutputs, PipelineParameters } from "../pipeline/pipeline.js";
import type { RunOptions, SessionOptions } from "./run.js";
import type { RunPlanOptions } from "./run-plan.js";
import type { RunResult } from "./run-result.js";

/**
 * Compiles a pipeline and runs it: on the project's active stack, or the one that is given.
 *
 * @returns the run with its outputs, each of which is loaded when asked for
 * @throws `RUN_FAILED`, whose cause is what the first failed step threw; `RUN_CANCELLED`; whatever makes it impossible
 * to begin, such as `PARAMETER_INVALID`, `STACK_INVALID`, `CAPABILITY_MISSING`
 * @example
 * const result = await run(penguins, { params: { epochs: 100 } });
 * const model = await result.outputs.model.load();
 */
export async function run<P extends PipelineDefinition>(
  pipeline: P,
  options: RunOptions<PipelineParameters<P>> = {},
): Promise<RunResult<PipelineOutputs<P>>> {
  const program = await import("./run.js");
  return (await program.run(pipeline, options as RunOptions)) as RunResult<PipelineOutputs<P>>;
}

/**
 * Runs a plan as it is.
 *
 * @param plan the path of its file, or its text
 * @throws as `run`; `PLAN_INVALID`
 */
export async function runPlan(plan: string, options: RunPlanOptions = {}): Promise<RunResult> {
  return (await import("./run-plan.js")).runPlan(plan, options);
}

/**
 * Goes on with a run that failed, was cancelled, or whose process died: same id, same plan; what is done stays done.
 *
 * @throws as `run`; `RUN_UNKNOWN`, `RUN_NOT_RESUMABLE`
 */
export async function resume(runId: string, options: SessionOptions = {}): Promise<RunResult> {
  return (await import("./run-plan.js")).resume(runId, options);
}

/**
 * Asks whoever drives a run to stop; it ends as cancelled within seconds.
 *
 * @throws `RUN_UNKNOWN`
 */
export async function cancel(runId: string, options: SessionOptions = {}): Promise<void> {
  await (await import("./run-plan.js")).cancel(runId, options);
}
