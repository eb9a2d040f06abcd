import { availableParallelism } from "node:os";
import type { Attempt, AttemptExit, AttemptStatus, Capabilities, Launcher } from "../contracts/orchestrator.js";

/** Runs attempts right here, for a process that carries out one step. */
export class InPlaceLauncher implements Launcher {
  readonly capabilities: Capabilities = {
    parallel: availableParallelism(),
    remote: false,
    schedule: false,
    resources: {},
  };
  readonly #aborts = new Map<string, AbortController>();
  readonly #exits = new Map<string, AttemptExit>();

  async launch(attempts: readonly Attempt[]): Promise<readonly string[]> {
    for (const attempt of attempts) {
      const abort = new AbortController();
      this.#aborts.set(attempt.id, abort);
      void attempt.run(abort.signal).then((exit) => this.#exits.set(attempt.id, exit));
    }
    return attempts.map(({ id }) => id);
  }

  async poll(ids: readonly string[]): Promise<readonly AttemptStatus[]> {
    return ids.map((id) => {
      const exit = this.#exits.get(id);
      return exit ? { state: "exited", exit } : { state: "running" };
    });
  }

  async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#aborts.get(id)?.abort(new Error("The step was cancelled"));
  }

  async *logs(): AsyncIterable<string> {}
}
