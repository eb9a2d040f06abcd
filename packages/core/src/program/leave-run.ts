import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import { workers } from "../runtime/session.js";
import type { CodePlace } from "./bootstrap.js";
import { checkFoundAgain } from "./capabilities.js";
import { gitState } from "./git-state.js";
import { holdLiterals, storeLiterals } from "./literals.js";
import { compileFor, type RunOptions, recordRun, withKernel } from "./run.js";
import { compiledPlan } from "./run-plan.js";
import { openStores, type Stores } from "./stores.js";
import { refuseInWorker } from "./worker-flag.js";

/** A run that others carry out. */
export interface LeftRun {
  readonly id: string;
  readonly pipeline: string;
  /** Digest of the plan. */
  readonly plan: string;
  readonly warnings: readonly string[];
}

/**
 * Puts a run of a pipeline, or of a plan's file, on record, and leaves its steps to workers.
 *
 * @throws as `run`, before anything starts; `STEP_NOT_FOUND_AGAIN`
 */
export async function recordForWorkers(
  what: PipelineDefinition | { readonly planFile: string },
  options: RunOptions = {},
): Promise<LeftRun> {
  refuseInWorker("recording a run");
  return withKernel(options, async (kernel) => {
    const stores = await openStores(kernel, options.stack);
    return (await leave(what, kernel, stores, options, { driver: workers })).left;
  });
}

/** @param how.deliver whether code is to be brought to where the driver will be */
export async function leave(
  what: PipelineDefinition | { readonly planFile: string },
  kernel: Kernel,
  stores: Stores,
  options: RunOptions,
  { driver, deliver = false }: { readonly driver?: string; readonly deliver?: boolean },
): Promise<{ readonly left: LeftRun; readonly code?: CodePlace }> {
  if ("planFile" in what) refuseParameters(what.planFile, options);
  const git = gitState(kernel.project);
  const compiled =
    "planFile" in what ? await compiledPlan(what.planFile, kernel) : await compileFor(kernel, stores, what, options);
  const { plan, steps, warnings } = compiled;
  checkFoundAgain(plan, `leaving a run of pipeline '${plan.pipeline}' to other processes`);
  const { record, session, literals, recorded } = await recordRun(kernel, stores, compiled, options, await git, driver);
  const again = (doomed: ReadonlySet<string>) => storeLiterals(plan, compiled.literals, stores, doomed);
  await Promise.all([recorded, holdLiterals(record.id, literals, again, stores)]);
  const left = { id: record.id, pipeline: record.pipeline, plan: record.plan, warnings };
  const { code: setting } = stores.stack.orchestrator;
  if (!deliver || setting === undefined) return { left };
  const { deliverCode } = await import("./deliver-code.js");
  return { left, code: await deliverCode(setting, { kernel, stores, plan, steps, record, session }) };
}

/** @throws `PARAMETER_INVALID` */
function refuseParameters(planFile: string, { params, paramsFile, paramTexts }: RunOptions): void {
  if (params === undefined && paramsFile === undefined && paramTexts === undefined) return;
  throw new TenonError("PARAMETER_INVALID", {
    doing: `leaving the plan ${planFile} to other processes`,
    found: "it is given parameters, and those of a plan are settled",
    fix: "Leave them out, or give the pipeline that the plan was made of.",
  });
}
