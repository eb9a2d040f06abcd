import type { StepSettings } from "../contracts/plan.js";
import type { ErrorCode } from "../errors.js";

/** Failures that the same step with the same inputs will meet again. */
const lasting: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "INPUT_INVALID",
  "OUTPUT_INVALID",
  "PARAMETER_INVALID",
  "MATERIALIZER_MISSING",
  "MATERIALIZER_AMBIGUOUS",
  "STEP_NOT_FOUND_AGAIN",
  "STEP_SOURCE_INVALID",
  "STEP_UNKNOWN",
  "RUN_IN_WORKER",
  "CODE_CORRUPT",
  "CODE_DIFFERENT",
]);

/** @param error as it was thrown, or as it was read back from the ledger, which leaves it its code */
export function worthRetrying(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: ErrorCode };
  return !(error instanceof Error && code !== undefined && lasting.has(code));
}

/** Milliseconds before the next try: growing, and scattered over half its length, so that many steps don't come back at once. */
export function retryDelay({ backoff }: StepSettings, failures: number, random: () => number = Math.random): number {
  const full = Math.min(backoff.maximum, backoff.initial * backoff.factor ** (failures - 1));
  return Math.round(full * (0.5 + random() / 2));
}
