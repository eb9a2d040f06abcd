import { createRequire } from "node:module";
import { isLauncher, type Launcher } from "../contracts/orchestrator.js";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ArtifactVersionRecord, RunRecord, SessionEnd } from "../ledger/records.js";
import { findStep } from "../pipeline/find-step.js";
import type { StepDefinition } from "../pipeline/step.js";
import { Driver, type DriverResult } from "../runtime/driver.js";
import type { Earlier } from "../runtime/earlier-sessions.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { KnownArtifacts } from "../runtime/known-artifacts.js";
import { InputLoader } from "../runtime/load-inputs.js";
import { type ModelsOfRun, modelsOfRun } from "../runtime/models-of-run.js";
import { recordedOutcome } from "../runtime/recorded-outcome.js";
import type { RunContext } from "../runtime/run-context.js";
import { leaseLost, Session } from "../runtime/session.js";
import { appendToStepLog, stepLogFile } from "../runtime/step-log.js";
import { outputTypes } from "./output-types.js";
import type { Stores } from "./stores.js";

export interface Execution {
  readonly kernel: Kernel;
  readonly stores: Stores;
  readonly plan: Plan;
  readonly digest: string;
  readonly record: RunRecord;
  /** The number of this process' session of the run. */
  readonly session: number;
  readonly literals: ReadonlyMap<string, ArtifactVersionRecord>;
  /** Definitions that are at hand; others are found again from their source. */
  readonly steps?: ReadonlyMap<string, StepDefinition>;
  readonly earlier?: Earlier;
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Executed extends DriverResult {
  readonly durationMs: number;
}

/** Carries out one session of a run, and records how it ended. */
export async function execute(execution: Execution): Promise<Executed> {
  const { kernel, stores, plan, digest, record, literals } = execution;
  const { ledger } = stores;
  const { hooks } = kernel;
  const clock = performance.now();
  const session = new Session(ledger, record.id, execution.session);
  const ending = (status: SessionEnd["status"], error?: unknown): SessionEnd => ({
    status,
    ended: new Date().toISOString(),
    durationMs: Math.round(performance.now() - clock),
    ...(error !== undefined && { error: toErrorRecord(error) }),
  });
  await hooks.emit("runStarted", { runId: record.id, plan, digest, resumed: execution.earlier !== undefined });
  let result: DriverResult;
  let end: SessionEnd;
  try {
    const signals = [session.signal, ...(execution.signal ? [execution.signal] : [])];
    const models = await modelsOfRun(ledger, record.id, plan);
    const driver = new Driver(runContext(execution, session, models), {
      launcher: launcherOf(stores),
      literals,
      ...(execution.earlier && { done: execution.earlier.done, attempts: execution.earlier.attempts }),
      force: execution.force ?? false,
      signal: signals.length === 1 ? session.signal : AbortSignal.any(signals),
      types: await outputTypes(plan, kernel.materializers),
    });
    result = await driver.drive();
    const { reason } = session.signal;
    if (session.signal.aborted && !TenonError.is(reason, "RUN_CANCELLED")) throw reason;
    end = ending(result.status, result.failures[0]?.failure.error);
  } catch (error) {
    end = ending("failed", error);
    await session.stop();
    if (!TenonError.is(error, "RUN_LEASE_LOST")) {
      await ledger.endSession(record.id, session.number, end).catch(() => false);
    }
    await hooks.emit("runFinished", { runId: record.id, status: "failed", durationMs: end.durationMs });
    throw error;
  }
  await session.stop();
  if (!(await ledger.endSession(record.id, session.number, end))) throw leaseLost(record.id, session.number);
  await hooks.emit("runFinished", { runId: record.id, status: end.status, durationMs: end.durationMs });
  return { ...result, durationMs: end.durationMs };
}

function launcherOf({ stack }: Stores): Launcher {
  if (isLauncher(stack.orchestrator)) return stack.orchestrator;
  throw new TenonError("COMPONENT_INVALID", {
    doing: `driving a run on stack '${stack.name}'`,
    found: "its orchestrator takes whole plans and is no launcher",
  });
}

function runContext(
  { kernel, stores, plan, digest, record, literals, steps }: Execution,
  session: Session,
  models: ModelsOfRun,
): RunContext {
  const { ledger, vault, stack } = stores;
  const { root, stateDirectory, code, checkout } = kernel.project;
  const definitions = new Map<string, Promise<StepDefinition>>();
  const definition = (step: PlannedStep): Promise<StepDefinition> => {
    const known = definitions.get(step.id);
    if (known) return known;
    const given = steps?.get(step.id);
    const found = given ? Promise.resolve(given) : findStep({ ...step.source, name: step.name }, code);
    definitions.set(step.id, found);
    return found;
  };
  const artifacts = new KnownArtifacts(ledger);
  artifacts.remember(literals.values());
  const inputs = new InputLoader(vault, artifacts);
  const logFile = (stepId: string, attempt: number) => stepLogFile(stateDirectory, record.id, stepId, attempt);
  const bootstrap = {
    root,
    stateDirectory,
    ...(checkout && { checkout: { ...checkout } }),
    stack: stack.record as never,
    runId: record.id,
    plan: digest,
  };
  const emit: RunContext["hooks"]["emit"] = (name, context) => kernel.hooks.emit(name, context);
  let module: string | undefined;
  return {
    id: record.id,
    session: session.number,
    plan,
    planDigest: digest,
    record: { id: record.id, pipeline: plan.pipeline },
    ledger,
    vault,
    inputs,
    artifacts,
    materializers: kernel.materializers,
    hooks: kernel.hooks,
    models,
    process: (work, attempt) => {
      module ??= createRequire(import.meta.url).resolve("@tenon/core/worker");
      const request = { ...bootstrap, stepId: work.id, attempt };
      return {
        command: [process.execPath, module],
        environment: { TENON_ATTEMPT: JSON.stringify(request) },
        directory: code,
        server: { module, execArgv: [] },
        request,
      };
    },
    services: (work, attempt) => ({
      ledger,
      vault,
      inputs,
      logFile: logFile(work.id, attempt),
      definition: () => definition(work.step),
      emit,
      shared: true,
    }),
    lostLease: () => leaseLost(record.id, session.number),
    appendToLog: (work, attempt, text) => appendToStepLog(logFile(work.id, attempt), text),
    outcomeOf: (stepId, attempt) => recordedOutcome(ledger, record.id, stepId, attempt),
  };
}
