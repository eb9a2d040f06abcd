import type { RunStatus } from "../contracts/hooks.js";
import type { CheckedDependencies } from "./project-checkout.js";

/** What came of running a run's code and inputs once more. */
export interface Reproduction {
  /** The new run. */
  readonly runId: string;
  /** The run that was repeated. */
  readonly reproduces: string;
  readonly status: Exclude<RunStatus, "running">;
  /** True if no artifact differs, apart from those of steps that say that they are not deterministic. */
  readonly same: boolean;
  /** Absent if all steps come from packages. */
  readonly commit?: string;
  /** Where the commit is checked out. */
  readonly directory?: string;
  readonly dependencies?: CheckedDependencies;
  readonly code: readonly ReproducedCode[];
  readonly artifacts: readonly ReproducedArtifact[];
  /** The steps that failed, with their messages. */
  readonly failures: readonly { readonly stepId: string; readonly message: string }[];
}

export interface ReproducedCode {
  readonly step: string;
  /** `src/train.ts#fit@<commit>`. */
  readonly reference: string;
  /** Whether its fingerprint is the recorded one; unknown for a step that is never cached, which has none. */
  readonly verdict: "same" | "different" | "unknown";
  /** What differs, in words: `zod 4.1.0 → 4.2.0`. */
  readonly changes: readonly string[];
}

export interface ReproducedArtifact {
  readonly step: string;
  readonly output: string;
  /** Ids: `penguins.fit@3`. */
  readonly recorded: string;
  readonly reproduced?: string;
  /** `not deterministic`: it differs, and its step, or one before it, says that it may. */
  readonly verdict: "same" | "different" | "not deterministic" | "missing";
  /** Where the two begin to differ, as far as the format tells: `at $.rows[3] of data.json: 3 against 4`. */
  readonly difference?: string;
  /** Inputs of the step that differ already. */
  readonly inputs?: readonly string[];
}
