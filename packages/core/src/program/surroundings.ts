import { createRequire } from "node:module";
import type { PlannedStep } from "../contracts/plan.js";
import { findStep } from "../pipeline/find-step.js";
import type { StepDefinition } from "../pipeline/step.js";
import { KnownArtifacts } from "../runtime/known-artifacts.js";
import { InputLoader } from "../runtime/load-inputs.js";
import type { ModelsOfRun } from "../runtime/models-of-run.js";
import { recordedOutcome } from "../runtime/recorded-outcome.js";
import type { RunContext } from "../runtime/run-context.js";
import { leaseLost } from "../runtime/session.js";
import { appendToStepLog, stepLogFile } from "../runtime/step-log.js";
import type { Execution } from "./execute.js";

/** What everything that works for one session of a run shares. */
export function runContext(
  {
    kernel,
    stores,
    plan,
    digest,
    record,
    session,
    literals,
    steps,
    hooks,
  }: Omit<Execution, "record"> & {
    readonly record: { readonly id: string };
  },
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
    session,
    plan,
    planDigest: digest,
    record: { id: record.id, pipeline: plan.pipeline },
    ledger,
    vault,
    inputs,
    artifacts,
    materializers: kernel.materializers,
    hooks: hooks ?? kernel.hooks,
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
    lostLease: () => leaseLost(record.id, session),
    appendToLog: (work, attempt, text) => appendToStepLog(logFile(work.id, attempt), text),
    outcomeOf: (stepId, attempt) => recordedOutcome(ledger, record.id, stepId, attempt),
  };
}
