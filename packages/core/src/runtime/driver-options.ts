import type { RunStatus } from "../contracts/hooks.js";
import type { Launcher } from "../contracts/orchestrator.js";
import type { AttemptSummary } from "../ledger/attempts.js";
import type { ArtifactVersionRecord, StepRunRecord } from "../ledger/records.js";
import type { Artifacts, Failure } from "./work.js";

export interface DriverOptions {
  readonly launcher: Launcher;
  /** Artifacts of the plan's literals, by `artifact name@digest`. */
  readonly literals: ReadonlyMap<string, ArtifactVersionRecord>;
  /** What earlier sessions of the run have done, by step id. */
  readonly done?: ReadonlyMap<string, { readonly step: StepRunRecord; readonly artifacts: Artifacts }>;
  /** The highest attempt number of earlier sessions, by step id. */
  readonly attempts?: ReadonlyMap<string, number>;
  /** What an earlier driver has launched, and may still run. */
  readonly orphans?: readonly AttemptSummary[];
  /** For a part of a plan: what the steps have made that are not in it. */
  readonly upstream?: ReadonlyMap<string, Artifacts>;
  /** Do not look anything up in the cache. */
  readonly force?: boolean;
  readonly signal: AbortSignal;
  /** What saves the values of each declared type: materializer and format. */
  readonly types: Readonly<Record<string, string>>;
}

export interface DriverResult {
  readonly status: Exclude<RunStatus, "running">;
  /** By step id; of those steps that succeeded or were cached. */
  readonly outputs: ReadonlyMap<string, Artifacts>;
  readonly failures: readonly { readonly stepId: string; readonly failure: Failure }[];
  /** How each step of the plan came out. */
  readonly steps: ReadonlyMap<string, StepStatus>;
}

export type StepStatus = StepRunRecord["status"];
