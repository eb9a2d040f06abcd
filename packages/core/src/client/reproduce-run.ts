import type { ReproduceOptions } from "./reproduce.js";
import type { Reproduction } from "./reproduction.js";

/**
 * Runs the code of a run's commit on the run's recorded inputs, without the cache, and compares what comes out. The
 * commit is checked out beside the project; the working tree is not touched. What the new run makes is named
 * `reproduced.…`.
 *
 * @param runId an id, the beginning of one, or `latest`
 * @throws `RUN_NOT_REPRODUCIBLE` if the code was not committed; `COMMIT_UNKNOWN`, `CHECKOUT_FAILED`, `GIT_UNAVAILABLE`;
 * `ARTIFACT_UNKNOWN` if an input is gone
 */
export async function reproduce(runId: string, options: ReproduceOptions = {}): Promise<Reproduction> {
  return (await import("./reproduce.js")).reproduce(runId, options);
}
