import type { PlannedStep } from "../contracts/plan.js";
import type { ArtifactVersionRecord, ErrorRecord, StepRunRecord } from "../ledger/records.js";
import type { CacheKey } from "./cache-key.js";
import type { MapStep } from "./map-step.js";
import type { ResolvedInputs } from "./resolve-inputs.js";

/** Something to be run: a step of the plan, or one element of a mapped one. */
export interface Work {
  /** `fit`, or `fit[3]`. */
  readonly id: string;
  readonly place: number;
  readonly step: PlannedStep;
  readonly inputs: ResolvedInputs;
  readonly cache: CacheKey | undefined;
  readonly element?: { readonly map: MapStep; readonly index: number };
  /** The number of its last attempt, those of earlier sessions counted. */
  attempt: number;
  /** Attempts of this session. */
  tries: number;
  lastFailure?: Failure;
  /** When its last attempt of this session was launched, in milliseconds since 1970. */
  launched?: number;
}

export interface Failure {
  readonly error: unknown;
  readonly record: ErrorRecord;
  readonly durationMs: number;
}

export type Artifacts = Readonly<Record<string, ArtifactVersionRecord>>;

export type WorkResult =
  | { readonly kind: "committed"; readonly step: StepRunRecord; readonly artifacts: Artifacts }
  | ({ readonly kind: "failed" } & Failure)
  | { readonly kind: "cancelled" }
  | { readonly kind: "unstarted" };
