import type { PipelineDefinition, PipelineOutputs, PipelineParameters } from "../pipeline/pipeline.js";
import type { DetachedRun } from "./detach.js";
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
 * Starts a run that does not need this process: its driver is a job of the engine, or a process of its own.
 *
 * @param what a pipeline, or the file of a plan
 * @throws as `run`, before anything starts; `STEP_NOT_FOUND_AGAIN` for steps that only this process has
 * @example
 * const { id } = await detach(penguins, { stack: "prod" });
 * const result = await attach(id, { stack: "prod" });
 */
export async function detach(
  what: PipelineDefinition | { readonly planFile: string },
  options: RunOptions = {},
): Promise<DetachedRun> {
  return (await import("./detach.js")).detach(what, options);
}

/**
 * Follows a run to its end, wherever it is driven, from any machine that has the stack: hooks hear of it as if it were
 * this process'. The signal ends the following, not the run.
 *
 * @throws as `run`; `RUN_UNKNOWN`; `RUN_BROKE_OFF` if nobody drives it any more
 */
export async function attach(runId: string, options: SessionOptions = {}): Promise<RunResult> {
  return (await import("./attach.js")).attach(runId, options);
}

/**
 * Asks whoever drives a run to stop; it ends as cancelled within seconds.
 *
 * @throws `RUN_UNKNOWN`
 */
export async function cancel(runId: string, options: SessionOptions = {}): Promise<void> {
  await (await import("./run-plan.js")).cancel(runId, options);
}
