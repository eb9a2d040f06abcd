import type { Attempt, AttemptExit, AttemptStatus, Capabilities, Launcher } from "../../contracts/orchestrator.js";

const resources = { cpu: 4, memory: 2 ** 40, time: Number.POSITIVE_INFINITY };

/** The smallest launcher that is one: attempts in this process, so many at a time as there are. */
export class NaiveLauncher implements Launcher {
  readonly capabilities: Capabilities = { parallel: 4, remote: false, schedule: false, resources };
  readonly exits = new Map<string, AttemptExit>();
  readonly aborts = new Map<string, AbortController>();

  async launch(attempts: readonly Attempt[]): Promise<readonly string[]> {
    for (const attempt of attempts) {
      const abort = new AbortController();
      this.aborts.set(attempt.id, abort);
      void this.begin(attempt, abort.signal).then((exit) => this.exits.set(attempt.id, exit));
    }
    return attempts.map(({ id }) => id);
  }

  begin(attempt: Attempt, signal: AbortSignal): Promise<AttemptExit> {
    return attempt.run(signal);
  }

  async poll(ids: readonly string[]): Promise<readonly AttemptStatus[]> {
    return ids.map((id) => {
      const exit = this.exits.get(id);
      return exit ? { state: "exited", exit } : { state: "running" };
    });
  }

  async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.aborts.get(id)?.abort(new Error("cancelled"));
  }

  async *logs(): AsyncIterable<string> {}
}

/** Says that it can do anything. */
class Boasting extends NaiveLauncher {
  override readonly capabilities: Capabilities = {
    parallel: 4,
    remote: false,
    schedule: false,
    resources: { ...resources, gpu: Number.POSITIVE_INFINITY },
  };
}

/** Accepts attempts, and says that they have ended; it has run none. */
class Pretending extends NaiveLauncher {
  override async begin(): Promise<AttemptExit> {
    return { kind: "ended" };
  }
}

/** Tells the engine nothing of a cancellation. */
class Deaf extends NaiveLauncher {
  override async cancel(): Promise<void> {}
}

/** Takes each attempt for lost, although it goes on. */
class Losing extends NaiveLauncher {
  override async poll(ids: readonly string[]): Promise<readonly AttemptStatus[]> {
    return ids.map(() => ({ state: "exited", exit: { kind: "crashed", reason: "lost", retry: false } }));
  }
}

/** Runs only the first attempt that it is ever given. */
class Single extends NaiveLauncher {
  #begun = 0;
  override async begin(attempt: Attempt, signal: AbortSignal): Promise<AttemptExit> {
    this.#begun += 1;
    return this.#begun === 1 ? attempt.run(signal) : { kind: "crashed", reason: "only one", retry: false };
  }
}

/** Implementations that each break a promise in a way that real ones do. */
export const brokenLaunchers: Readonly<Record<string, () => Launcher>> = {
  pretending: () => new Pretending(),
  boasting: () => new Boasting(),
  single: () => new Single(),
  losing: () => new Losing(),
  deaf: () => new Deaf(),
};
