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
import { asRequest, type Bootstrap, bootstrapProcess, sharedCode, workerModule } from "./bootstrap.js";
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
    engine,
    onLog,
    codePlace,
  }: Omit<Execution, "record"> & {
    readonly record: { readonly id: string };
  },
  models: ModelsOfRun,
): RunContext {
  const { ledger, vault, stack } = stores;
  const { stateDirectory, code: directory } = kernel.project;
  const definitions = new Map<string, Promise<StepDefinition>>();
  const definition = (step: PlannedStep): Promise<StepDefinition> => {
    const known = definitions.get(step.id);
    if (known) return known;
    const given = steps?.get(step.id);
    const found = given ? Promise.resolve(given) : findStep({ ...step.source, name: step.name }, directory);
    definitions.set(step.id, found);
    return found;
  };
  const artifacts = new KnownArtifacts(ledger);
  artifacts.remember(literals.values());
  const inputs = new InputLoader(vault, artifacts);
  const logFile = (stepId: string, attempt: number) => stepLogFile(stateDirectory, record.id, stepId, attempt);
  const bootstrap: Omit<Bootstrap, "task"> = {
    project: kernel.project.name,
    stack: stack.record,
    runId: record.id,
    plan: digest,
    code: codePlace ?? sharedCode(kernel.project),
  };
  const emit: RunContext["hooks"]["emit"] = (name, context) => kernel.hooks.emit(name, context);
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
    engine: engine ?? new Map(),
    process: (work, attempt) => {
      const { fingerprint } = work.step;
      const expected = codePlace && fingerprint !== undefined ? { fingerprint } : {};
      const own: Bootstrap = { ...bootstrap, task: { do: "attempt", stepId: work.id, attempt, ...expected } };
      const server = { module: workerModule(), execArgv: [] };
      return { ...bootstrapProcess(own, directory), server, request: asRequest(own) };
    },
    services: (work, attempt) => {
      const file = logFile(work.id, attempt);
      onLog?.({ file, stepId: work.id, attempt });
      return {
        ledger,
        vault,
        inputs,
        logFile: file,
        definition: () => definition(work.step),
        emit,
        component: (kind) => stack.created(kind),
        shared: true,
      };
    },
    lostLease: () => leaseLost(record.id, session),
    appendToLog: (work, attempt, text) => appendToStepLog(logFile(work.id, attempt), text),
    outcomeOf: (stepId, attempt) => recordedOutcome(ledger, record.id, stepId, attempt),
  };
}
