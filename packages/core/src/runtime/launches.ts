import { setTimeout } from "node:timers/promises";
import type { Attempt, Launcher, LaunchRefusal } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";

/** How long a launcher may take to heed that nobody wants its attempts any more. */
const GRACE_MS = 5_000;

type Answers = readonly (string | LaunchRefusal)[];

/** Hands attempts to a launcher, which may wait for its engine, for as long as somebody wants them. */
export class Launches {
  readonly #runId: string;
  readonly #launcher: Launcher;
  readonly #unwanted = new AbortController();

  constructor(runId: string, launcher: Launcher) {
    this.#runId = runId;
    this.#launcher = launcher;
  }

  /** What is being launched is not wanted any more. */
  giveUp(): void {
    this.#unwanted.abort(new Error("Nobody wants these attempts any more"));
  }

  /**
   * One answer each, in the same order; nothing if they were given up before there were any. What the engine takes all the
   * same is cancelled there.
   *
   * @throws `ORCHESTRATOR_FAILED`
   */
  async launch(attempts: readonly Attempt[]): Promise<Answers | undefined> {
    const { signal } = this.#unwanted;
    if (signal.aborted) return undefined;
    const launching = (async () => this.#launcher.launch(attempts, signal))();
    const answered = new AbortController();
    try {
      const answers = await Promise.race([launching, this.#givenUp(answered.signal)]);
      if (!signal.aborted) return answers;
      if (answers) await this.#cancel(answers);
      else launching.then((late) => this.#cancel(late)).catch(() => {});
      return answers;
    } catch (cause) {
      if (signal.aborted) return undefined;
      throw this.#failed(attempts.length, cause);
    } finally {
      answered.abort();
    }
  }

  /** Resolves some time after they were given up. */
  async #givenUp(answered: AbortSignal): Promise<undefined> {
    const { signal } = this.#unwanted;
    if (!signal.aborted) {
      await new Promise((resolve) => {
        signal.addEventListener("abort", resolve, { once: true, signal: answered });
        answered.addEventListener("abort", resolve, { once: true });
      });
    }
    await setTimeout(GRACE_MS, undefined, { signal: answered }).catch(() => {});
  }

  async #cancel(answers: Answers): Promise<void> {
    const ids = answers.filter((answer) => typeof answer === "string");
    if (ids.length > 0) await this.#launcher.cancel(ids);
  }

  #failed(attempts: number, cause: unknown): TenonError {
    return new TenonError("ORCHESTRATOR_FAILED", {
      doing: `launching ${attempts} attempt${attempts === 1 ? "" : "s"} of run ${this.#runId}`,
      found: cause instanceof Error ? cause.message : String(cause),
      fix: `When the orchestrator is in order again: tenon run resume ${this.#runId}`,
      cause,
    });
  }
}
