// What Tenon's own command line needs beyond the public names. Others should not: it may change with any version.
export { openVault } from "./artifacts/open-vault.js";
export { writeActiveStack } from "./client/active-stack.js";
export type { StackCheck } from "./client/check-stack.js";
export type { ComparedRuns } from "./client/compared-runs.js";
export { describeDifference } from "./client/describe-difference.js";
export type { CacheDifference, CacheExplanation } from "./client/explain-cache.js";
export type { LogLine } from "./client/logs.js";
export type { ModelSummary, ModelVersion } from "./client/models.js";
export { openKernel } from "./client/open-kernel.js";
export { compilePipeline, readPlanFile } from "./client/plan-of.js";
export { Client, type CopiedArtifact, type Garbage, type GarbageOptions, type Lineage, type LineageDirection, lineageMermaid, lineageSvg, lineageTree, type Migration, type RunQuery, type TransferProgress } from "./client/public.js";
export type { ReadRun } from "./client/runs.js";
export type { ArtifactSummary, Hooks } from "./contracts/hooks.js";
export type { ArtifactReader } from "./contracts/materializer.js";
export { suggest } from "./contracts/nearest.js";
export type { Plan, PlannedInput, PlannedStep } from "./contracts/plan.js";
export type { ModelStage } from "./contracts/reference.js";
export { errorCodes, TenonError } from "./errors.js";
export type { Configuration } from "./kernel/configuration.js";
export type { ComponentReport, IntegrationReport, ListedIntegration } from "./kernel/integrations.js";
export type { Kernel, KernelOptions } from "./kernel/kernel.js";
export { packageThatHas } from "./kernel/known-integrations.js";
export {
  commandLine,
  installCommand,
  packageManagerOf,
  uninstallCommand,
  type WantedPackage,
} from "./kernel/package-manager.js";
export type { AttemptSummary } from "./ledger/attempts.js";
export type { RunSource } from "./ledger/code-records.js";
export type { ModelVersionSummary } from "./ledger/models.js";
export type { ArtifactVersionRecord, StepRunRecord } from "./ledger/records.js";
export { importModule } from "./pipeline/load-module.js";
export { isPipeline, type PipelineDefinition } from "./pipeline/pipeline.js";

/** A project's ledger over a metadata store; see `Ledger.open`. */
export const openLedger: typeof import("./ledger/ledger.js").Ledger.open = async (store, options) => (await import("./ledger/ledger.js")).Ledger.open(store, options);

/** The program of the process that repeats a run; see `reproduce`. */
export const answerReproduction = async (): Promise<void> => (await import("./client/reproduce-here.js")).answerReproduction();

/** Goes on with a run by a driver that does not need this process. */
export const resumeDetached: typeof import("./program/detach.js").resumeDetached = async (...given) => (await import("./program/detach.js")).resumeDetached(...given);

/** Puts a run on record, and leaves its steps to workers. */
export const recordForWorkers: typeof import("./program/leave-run.js").recordForWorkers = async (...given) => (await import("./program/leave-run.js")).recordForWorkers(...given);

/** As a worker without a driver: carries out steps of a recorded run. */
export const runSteps: typeof import("./program/step-run.js").runSteps = async (...given) => (await import("./program/step-run.js")).runSteps(...given);

/** The project in a checkout of a commit, with packages to run it. */
export const checkoutProject: typeof import("./client/project-checkout.js").checkoutProject = async (...given) => (await import("./client/project-checkout.js")).checkoutProject(...given);

/** Each component of a stack by itself, its stores tried out, and whether all of it belongs together. */
export const checkStack: typeof import("./client/check-stack.js").checkStack = async (...given) => (await import("./client/check-stack.js")).checkStack(...given);
