// What Tenon's own command line needs beyond the public names. Others should not: it may change with any version.
export { openVault } from "./artifacts/open-vault.js";
export { writeActiveStack } from "./client/active-stack.js";
export { Client } from "./client/client.js";
export type { LogLine } from "./client/logs.js";
export { openKernel } from "./client/open-kernel.js";
export { compilePipeline, readPlanFile } from "./client/plan-of.js";
export type { ReadRun } from "./client/runs.js";
export type { ArtifactSummary, Hooks } from "./contracts/hooks.js";
export type { ArtifactReader } from "./contracts/materializer.js";
export { suggest } from "./contracts/nearest.js";
export type { Plan, PlannedInput, PlannedStep } from "./contracts/plan.js";
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
export type { ArtifactVersionRecord, StepRunRecord } from "./ledger/records.js";
export type { RunFilter } from "./ledger/runs.js";
export { importModule } from "./pipeline/load-module.js";
export { isPipeline, type PipelineDefinition } from "./pipeline/pipeline.js";

/** A project's ledger over a metadata store; see `Ledger.open`. */
export const openLedger: typeof import("./ledger/ledger.js").Ledger.open = async (store, options) => (await import("./ledger/ledger.js")).Ledger.open(store, options);
