import { totalmem } from "node:os";
import type { Attempt, AttemptExit, AttemptStatus, Capabilities, ComponentContext, Launcher } from "@tenon/core";
import { TenonError } from "@tenon/core";

export interface LocalConfig {
  readonly concurrency: number;
  readonly isolation: "none" | "process";
}

/** Runs one attempt to its end. */
export interface AttemptRunner {
  run(attempt: Attempt, signal: AbortSignal, begun: () => void): Promise<AttemptExit>;
  dispose(): Promise<void>;
}

export async function create({ config }: ComponentContext<LocalConfig>): Promise<Launcher> {
  if (config.isolation === "none") return new LocalLauncher(config, inThisProcess);
  const { ProcessPool } = await import("./process-pool.js");
  return new LocalLauncher(config, new ProcessPool(config.concurrency));
}

const inThisProcess: AttemptRunner = {
  run: (attempt, signal, begun) => {
    begun();
    return attempt.run(signal);
  },
  dispose: async () => {},
};

interface Entry {
  readonly attempt: Attempt;
  readonly abort: AbortController;
  exit: AttemptExit | undefined;
  running: boolean;
  /** A process that has just been started is not there yet. */
  begun: boolean;
}

/** Attempts of this machine: so many at a time, the others wait in the order in which they came. */
export class LocalLauncher implements Launcher {
  readonly capabilities: Capabilities;
  readonly #runner: AttemptRunner;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: Entry[] = [];
  readonly #watchers = new Set<() => void>();
  #running = 0;

  constructor({ concurrency, isolation }: LocalConfig, runner: AttemptRunner) {
    this.#runner = runner;
    this.capabilities = {
      parallel: concurrency,
      remote: isolation === "process",
      schedule: false,
      resources: { cpu: concurrency, memory: totalmem(), time: Number.POSITIVE_INFINITY },
    };
  }

  async launch(attempts: readonly Attempt[]): Promise<readonly string[]> {
    for (const attempt of attempts) {
      const entry: Entry = { attempt, abort: new AbortController(), exit: undefined, running: false, begun: false };
      this.#entries.set(attempt.id, entry);
      this.#waiting.push(entry);
    }
    this.#start();
    return attempts.map(({ id }) => id);
  }

  async poll(ids: readonly string[]): Promise<readonly AttemptStatus[]> {
    return ids.map((id) => {
      const entry = this.#entries.get(id);
      if (!entry) return { state: "exited", exit: { kind: "crashed", reason: "it is not known here", retry: true } };
      if (!entry.exit) return { state: entry.begun ? "running" : "waiting" };
      return { state: "exited", exit: entry.exit };
    });
  }

  async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (!entry || entry.exit) continue;
      if (!entry.running) this.#ended(entry, { kind: "cancelled" });
      entry.abort.abort(cancelled(entry.attempt));
    }
  }

  async *logs(_id: string): AsyncIterable<string> {
    // What steps write is in the run's log files, which core keeps.
  }

  changed(ids: readonly string[], signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!signal.aborted && !ids.some((id) => this.#entries.get(id)?.exit)) return;
        this.#watchers.delete(look);
        signal.removeEventListener("abort", look);
        resolve();
      };
      this.#watchers.add(look);
      signal.addEventListener("abort", look, { once: true });
      look();
    });
  }

  async dispose(): Promise<void> {
    await this.cancel([...this.#entries.keys()]);
    await this.#runner.dispose();
    this.#entries.clear();
  }

  #start(): void {
    while (this.#running < this.capabilities.parallel) {
      const entry = this.#waiting.shift();
      if (!entry) return;
      if (entry.exit) continue;
      entry.running = true;
      this.#running += 1;
      this.#runner
        .run(entry.attempt, entry.abort.signal, () => {
          entry.begun = true;
        })
        .catch((error: unknown): AttemptExit => ({ kind: "crashed", reason: String(error), retry: false }))
        .then((exit) => {
          this.#running -= 1;
          this.#ended(entry, exit);
          this.#start();
        });
    }
  }

  #ended(entry: Entry, exit: AttemptExit): void {
    entry.exit ??= exit;
    for (const look of [...this.#watchers]) look();
    // Whoever asks later is told so; but a run of a million steps must not be remembered for ever.
    if (this.#entries.size > 10_000) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [id, { exit }] of this.#entries) {
      if (exit) this.#entries.delete(id);
      if (this.#entries.size <= 5_000) return;
    }
  }
}

function cancelled({ stepId }: Attempt): TenonError {
  return new TenonError("RUN_CANCELLED", { doing: `running step '${stepId}'`, found: "it was cancelled" });
}
