import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import { workers } from "../runtime/session.js";
import { gitState } from "./git-state.js";
import { holdLiterals, storeLiterals } from "./literals.js";
import { compileFor, type RunOptions, recordRun, withKernel } from "./run.js";
import { compiledPlan } from "./run-plan.js";
import { openStores } from "./stores.js";
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
    const git = gitState(kernel.project);
    const stores = await openStores(kernel, options.stack);
    const compiled =
      "planFile" in what ? await compiledPlan(what.planFile, kernel) : await compileFor(kernel, stores, what, options);
    checkFound(compiled.plan);
    const { record, literals, recorded } = await recordRun(kernel, stores, compiled, options, await git, workers);
    const again = (doomed: ReadonlySet<string>) => storeLiterals(compiled.plan, compiled.literals, stores, doomed);
    await Promise.all([recorded, holdLiterals(record.id, literals, again, stores)]);
    return { id: record.id, pipeline: record.pipeline, plan: record.plan, warnings: compiled.warnings };
  });
}

/** @throws `STEP_NOT_FOUND_AGAIN` for steps that another process could not find */
export function checkFound({ pipeline, steps }: Plan): void {
  const lost = steps.filter(({ source }) => source.module === undefined || source.binding === undefined);
  if (lost.length === 0) return;
  throw new TenonError("STEP_NOT_FOUND_AGAIN", {
    doing: `leaving a run of pipeline '${pipeline}' to other processes`,
    found: `${lost.map(({ id }) => `'${id}'`).join(", ")} cannot be found again there`,
    fix: "Make the steps at the top level of a module: const fit = step(…).",
  });
}
