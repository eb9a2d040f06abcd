import { relative } from "node:path";
import type { RunResult } from "@tenon/core";
import type { Kernel, StepRunRecord, TenonError } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { type Committed, findCommitted } from "../committed-file.js";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.js";
import { handleInterrupts } from "../interrupts.js";
import { withKernel } from "../kernel.js";
import { givenParameters } from "../parameters.js";
import { choosePipeline, findPipelineFile } from "../pipeline-file.js";
import { createView } from "../progress/create-view.js";
import { type ProgressView, RunProgress } from "../progress/run-progress.js";
import { goOnUnread } from "../reader.js";
import { errorAsJson } from "../report-error.js";
import type { Terminal } from "../terminal/terminal.js";
import { usageError } from "../usage-error.js";
import type { RunOptions } from "./run.js";
import { conclusion } from "./run-conclusion.js";

export async function runFile(
  invocation: Invocation<RunOptions>,
  given: string | undefined,
): Promise<ExitCode | undefined> {
  const { options, terminal } = invocation;
  const committed = await findCommitted(invocation, given);
  const directory = committed?.directory ?? invocation.directory;
  const file = await findPipelineFile(directory, committed?.file ?? given);
  if (given === undefined && !options.json)
    terminal.note(terminal.errorColors.dim(`  ${relative(directory, file.path)}`));
  const parameters = givenParameters(invocation.directory, options);
  const core = await import("@tenon/core");
  const common = {
    tags: options.tag ?? [],
    cache: options.cache,
    throwOnFailure: false as const,
    ...(options.stack === undefined ? {} : { stack: options.stack }),
  };
  const isPlan = file.kind === "plan";
  if (isPlan && Object.keys(parameters).length > 0) {
    const fix = "Set them where the plan is made: tenon run <file.ts>.";
    throw usageError(`running the plan ${given}`, "the parameters of a plan are settled", fix);
  }
  const what = isPlan ? { planFile: file.path } : await choosePipeline(file.path, options.pipeline);
  if (options.forWorkers || options.detach) {
    const { leaveRun } = await import("./leave-run.js");
    return leaveRun(invocation, what, { ...common, ...parameters }, committed?.checkout);
  }
  const run = (kernel: Kernel, signal: AbortSignal) => {
    const settings = { ...common, kernel, signal };
    return "planFile" in what ? core.runPlan(what.planFile, settings) : core.run(what, { ...settings, ...parameters });
  };
  return follow(invocation, run, committed?.checkout);
}

export async function resumeRun(
  invocation: Invocation<Pick<RunOptions, "detach">>,
  reference: string,
): Promise<ExitCode | undefined> {
  if (invocation.options.detach) return (await import("./leave-run.js")).resumeLeft(invocation, reference);
  const [{ Client }, { resume }] = await Promise.all([import("@tenon/core/internal"), import("@tenon/core")]);
  return follow(invocation, async (kernel, signal) => {
    const { options } = invocation;
    const stack = options.stack === undefined ? {} : { stack: options.stack };
    const run = await new Client({ kernel, ...stack }).runs.get(reference);
    return resume(run.id, { kernel, signal, throwOnFailure: false, ...stack });
  });
}

/** Shows a run while it goes on, and says at the end what came of it. */
export async function follow(
  invocation: Invocation,
  start: (kernel: Kernel, signal: AbortSignal) => Promise<RunResult>,
  checkout?: Committed["checkout"],
  { watching = false, quiet = false }: { readonly watching?: boolean; readonly quiet?: boolean } = {},
): Promise<ExitCode | undefined> {
  const { terminal, options, directory, verbose } = invocation;
  goOnUnread();
  const view = await createView(terminal, options.json === true);
  const progress = new RunProgress(view);
  const interrupts = handleInterrupts((text) => view.remark(text), watching ? detaching : undefined);
  try {
    return await withKernel(
      { cwd: directory, onWarning: warnOnce(view, terminal), ...(checkout && { checkout }) },
      async (kernel) => {
        progress.listen(kernel.hooks);
        kernel.hooks.on("planCompiled", ({ warnings }) => {
          for (const warning of warnings) terminal.note(`  ${terminal.symbols.warning} ${warning}`);
        });
        let result: RunResult;
        try {
          result = await start(kernel, interrupts.signal);
        } finally {
          if (watching && interrupts.signal.aborted) progress.leave();
          else progress.close();
        }
        const text = conclusion(result, progress, await inputsOfFailed(kernel, result, options.stack), terminal, {
          verbose,
          stack: options.stack,
        });
        const exitCode = result.status === "cancelled" ? interrupts.exitCode() : exitCodeFor(result);
        if (quiet) return exitCode;
        if (options.json) terminal.printJson(resultAsJson(result));
        else terminal.print(text);
        return exitCode;
      },
    );
  } catch (error) {
    if (watching && interrupts.signal.aborted) return exitCodes.ok;
    if (exitCodeOf(error) === exitCodes.cancelled) {
      terminal.note(`  ${error instanceof Error ? error.message : "The run was cancelled."}`);
      return interrupts.exitCode();
    }
    throw error;
  }
}

const detaching = "  The run goes on without being watched.";

/** What the failed steps were given, as the ledger has it. */
async function inputsOfFailed(
  kernel: Kernel,
  { id, failures }: RunResult,
  stack: string | undefined,
): Promise<Map<string, StepRunRecord["inputs"]>> {
  if (failures.length === 0) return new Map();
  const { Client } = await import("@tenon/core/internal");
  const run = await new Client({ kernel, ...(stack === undefined ? {} : { stack }) }).runs.get(id);
  const steps = await run.steps();
  return new Map(steps.filter(({ status }) => status === "failed").map(({ stepId, inputs }) => [stepId, inputs]));
}

/** What went wrong beside the run, such as a hook of an integration; on each of a thousand steps it is worth one line. */
function warnOnce(view: ProgressView, { colors, symbols }: Terminal): (warning: TenonError) => void {
  const said = new Set<string>();
  return ({ code, doing, message }) => {
    if (said.has(`${code} ${doing}`)) return;
    said.add(`${code} ${doing}`);
    view.remark(`  ${colors.yellow(`${symbols.warning} ${code}`)}  ${message}`);
  };
}

function exitCodeFor(result: RunResult): ExitCode {
  return result.status === "succeeded" ? exitCodes.ok : exitCodes.failed;
}

function resultAsJson({ outputs, failures, ...result }: RunResult): unknown {
  return {
    ...result,
    outputs: Object.fromEntries(Object.entries(outputs).map(([name, { artifact }]) => [name, artifact])),
    failures: failures.map(({ stepId, error }) => ({ stepId, error: errorAsJson(error) })),
  };
}
