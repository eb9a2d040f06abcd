import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { MaterializerSource } from "../artifacts/materializer-source.js";
import type { JsonObject } from "../contracts/json.js";
import type { AttemptProcess } from "../contracts/orchestrator.js";
import type { Plan } from "../contracts/plan.js";
import type { TenonError } from "../errors.js";
import type { HookBus } from "../kernel/hook-bus.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ErrorRecord, StepRunRecord } from "../ledger/records.js";
import type { KnownArtifacts } from "./known-artifacts.js";
import type { InputLoader } from "./load-inputs.js";
import type { ModelsOfRun } from "./models-of-run.js";
import type { AttemptServices } from "./step-runner.js";
import type { Artifacts, Work } from "./work.js";

/** What everything that works for one run, in one session of it, shares. */
export interface RunContext {
  readonly id: string;
  readonly session: number;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly record: { readonly id: string; readonly pipeline: string };
  readonly ledger: Ledger;
  readonly vault: ArtifactVault;
  readonly inputs: InputLoader;
  readonly artifacts: KnownArtifacts;
  readonly materializers: MaterializerSource;
  readonly hooks: HookBus;
  readonly models: ModelsOfRun;
  /** What steps say to the engine, by step id. */
  readonly engine: ReadonlyMap<string, JsonObject>;
  process(work: Work, attempt: number): AttemptProcess;
  services(work: Work, attempt: number): Omit<AttemptServices, "receive" | "recorded">;
  lostLease(): TenonError;
  appendToLog(work: Pick<Work, "id">, attempt: number, text: string): void;
  /** What the ledger says about an attempt that has ended. */
  outcomeOf(stepId: string, attempt: number): Promise<RecordedOutcome>;
}

export type RecordedOutcome =
  | { readonly kind: "committed"; readonly step: StepRunRecord; readonly artifacts: Artifacts }
  | { readonly kind: "failed"; readonly error: ErrorRecord | undefined }
  | { readonly kind: "cancelled" };
