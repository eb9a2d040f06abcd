import type { Work } from "./work.js";

/** An attempt that was handed to a launcher. */
export interface Running {
  readonly work: Work;
  /** Of the attempt; the work's own moves on when it is retried. */
  readonly number: number;
  readonly started: number;
  readonly attemptId: string;
  /** As the work's. */
  readonly stepId: string;
  launchId: string | undefined;
  /** The engine's other name for it, as far as it is on record. */
  job: string | undefined;
  /** It has left the engine's queue. */
  runs: boolean;
  timer: NodeJS.Timeout | undefined;
  clockRuns: boolean;
  exited: boolean;
}

export function newRunning(work: Work, number: number, attemptId: string, launchId?: string): Running {
  const state = { job: undefined, runs: false, timer: undefined, clockRuns: false, exited: false };
  return { work, stepId: work.id, number, started: performance.now(), attemptId, launchId, ...state };
}
