import type { Literal } from "../compiler/inputs.js";
import { isLauncher } from "../contracts/orchestrator.js";
import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { HookBus } from "../kernel/hook-bus.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ArtifactVersionRecord, RunRecord, SessionEnd } from "../ledger/records.js";
import type { StepDefinition } from "../pipeline/step.js";
import { Driver, type DriverResult } from "../runtime/driver.js";
import type { Earlier } from "../runtime/earlier-sessions.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { modelsOfRun } from "../runtime/models-of-run.js";
import { leaseLost, Session } from "../runtime/session.js";
import type { CodePlace } from "./bootstrap.js";
import { type EngineSettings, engineSettings } from "./engine-settings.js";
import { holdLiterals, storeLiterals } from "./literals.js";
import { outputTypes } from "./output-types.js";
import type { Stores } from "./stores.js";
import { runContext } from "./surroundings.js";

export interface Execution {
  readonly kernel: Kernel;
  readonly stores: Stores;
  readonly plan: Plan;
  readonly digest: string;
  readonly record: RunRecord;
  /** The number of this process' session of the run. */
  readonly session: number;
  readonly literals: ReadonlyMap<string, ArtifactVersionRecord>;
  /** What literals stand for, by digest, as far as it is at hand. */
  readonly values?: ReadonlyMap<string, Literal>;
  /** Definitions that are at hand; others are found again from their source. */
  readonly steps?: ReadonlyMap<string, StepDefinition>;
  readonly earlier?: Earlier;
  /** Where other processes find the code; by default in the project's directory, on this machine. */
  readonly codePlace?: CodePlace;
  /** What steps say to the orchestrator; read for a launcher. */
  readonly engine?: EngineSettings;
  readonly force?: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Told of each log that a step of this process writes. */
  onLog?(log: { readonly file: string; readonly stepId: string; readonly attempt: number }): void;
  /** Those that are told of the steps, if not the kernel's. */
  readonly hooks?: HookBus;
}

export interface Executed extends DriverResult {
  readonly durationMs: number;
}

/** Carries out one session of a run, and records how it ended. */
export async function execute(execution: Execution): Promise<Executed> {
  const { kernel, stores, plan, digest, record } = execution;
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
    const signal = signals.length === 1 ? session.signal : AbortSignal.any(signals);
    const again = (doomed: ReadonlySet<string>) => storeLiterals(plan, execution.values ?? new Map(), stores, doomed);
    const literals = await holdLiterals(record.id, execution.literals, again, stores);
    result = await carryOut({ ...execution, literals }, signal);
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

/** A launcher is driven; an orchestrator that takes whole plans is given this one. */
async function carryOut(execution: Execution, signal: AbortSignal): Promise<DriverResult> {
  const { kernel, stores, plan, record, literals, earlier, force = false } = execution;
  const { orchestrator } = stores.stack;
  if (orchestrator.code !== undefined && !execution.codePlace) {
    const { deliverCode } = await import("./deliver-code.js");
    return carryOut({ ...execution, codePlace: await deliverCode(orchestrator.code, execution) }, signal);
  }
  if (!isLauncher(orchestrator)) return (await import("./submit.js")).submit(execution, orchestrator, signal);
  const engine = await engineSettings(plan, stores.stack);
  const driver = new Driver(runContext({ ...execution, engine }, await modelsOfRun(stores.ledger, record.id, plan)), {
    launcher: orchestrator,
    literals,
    ...(earlier && { done: earlier.done, attempts: earlier.attempts, orphans: earlier.orphans }),
    force,
    signal,
    types: await outputTypes(plan, kernel.materializers),
  });
  return driver.drive();
}
