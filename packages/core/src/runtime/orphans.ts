import type { Launcher } from "../contracts/orchestrator.js";
import type { AttemptSummary } from "../ledger/attempts.js";
import type { RunContext } from "./run-context.js";
import type { Work } from "./work.js";

/** Attempts that a driver which is no more has launched, and that may still run in the engine. */
export class Orphans {
  readonly #run: RunContext;
  readonly #launcher: Launcher;
  readonly #open: Map<string, AttemptSummary>;

  constructor(run: RunContext, launcher: Launcher, attempts: readonly AttemptSummary[] = []) {
    this.#run = run;
    this.#launcher = launcher;
    this.#open = new Map(attempts.map((attempt) => [attempt.stepId, attempt]));
  }

  /** The attempt that does this work already. One that does something else, since the code has changed, is given up. */
  async of(work: Work): Promise<{ readonly number: number; readonly launchId: string } | undefined> {
    const attempt = this.#open.get(work.id);
    if (attempt?.launch === undefined) return undefined;
    this.#open.delete(work.id);
    const { number, launch } = attempt;
    if (attempt.work?.cacheKey === work.cache?.key) return { number, launchId: launch.id };
    await this.#giveUp([attempt]);
    return undefined;
  }

  /** Those that nobody has asked for. */
  async giveUpRest(): Promise<void> {
    const rest = [...this.#open.values()];
    this.#open.clear();
    await this.#giveUp(rest);
  }

  async #giveUp(attempts: readonly AttemptSummary[]): Promise<void> {
    if (attempts.length === 0) return;
    const { id, ledger } = this.#run;
    const ended = new Date().toISOString();
    await Promise.all(
      attempts.map(({ stepId, number }) =>
        ledger.endAttempt(id, stepId, number, { outcome: "revoked", ended, durationMs: 0 }),
      ),
    );
    await this.#launcher.cancel(attempts.flatMap(({ launch }) => launch?.id ?? []));
  }
}
