import { TenonError } from "@tenon/core";
import { CompletedJobs } from "./completed-jobs.js";
import type { Job } from "./jobs.js";
import { Pace } from "./pace.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";

const fields = ["JobArrayID", "State", "exit_code", "Reason", "NodeList"].map((field) => `${field}:|`).join(",");

/**
 * What is known of jobs. One look at the queue serves all of them, and is taken at growing intervals however often
 * somebody asks.
 */
export class Queue {
  readonly #commands: SlurmCommands;
  readonly #completed: CompletedJobs;
  readonly #pace: Pace;
  readonly #patienceMs: number;
  readonly #known = new Map<string, Job>();
  #looking: Promise<void> | undefined;
  #silentSince: number | undefined;

  constructor(commands: SlurmCommands, config: Pick<SlurmConfig, "pollInterval" | "patience">) {
    this.#commands = commands;
    this.#completed = new CompletedJobs(commands);
    this.#pace = new Pace(config.pollInterval);
    this.#patienceMs = config.patience;
  }

  /** Something was submitted, and may soon have ended. */
  submitted(): void {
    this.#pace.quicken();
  }

  /** When the next look is due, in milliseconds from now. */
  get dueIn(): number {
    return this.#pace.dueIn;
  }

  /**
   * One a job, as it was at the last look; undefined for a job that nobody has looked at yet.
   *
   * @throws `ORCHESTRATOR_UNAVAILABLE` if the controller has not answered for longer than the patience
   */
  async jobs(ids: readonly string[]): Promise<readonly (Job | undefined)[]> {
    if (this.dueIn <= 0) {
      this.#looking ??= this.#look(ids).finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    }
    return ids.map((id) => this.#known.get(id));
  }

  /** Nobody will ask for it again. */
  forget(id: string): void {
    this.#known.delete(id);
  }

  async #look(ids: readonly string[]): Promise<void> {
    this.#pace.looked();
    try {
      const found = await this.#queued(ids);
      for (const job of found) this.#known.set(job.id, job);
      const there = new Set(found.map(({ id }) => id));
      const gone = ids.filter((id) => !there.has(id));
      if (gone.length > 0) for (const job of await this.#completed.find(gone)) this.#known.set(job.id, job);
      this.#silentSince = undefined;
    } catch (error) {
      if (!TenonError.is(error, "ORCHESTRATOR_UNAVAILABLE")) throw error;
      this.#silentSince ??= performance.now();
      // Jobs go on without their controller, and their ends wait for the accounting.
      if (performance.now() - this.#silentSince >= this.#patienceMs) throw error;
    }
  }

  async #queued(ids: readonly string[]): Promise<readonly Job[]> {
    const jobs = [...new Set(ids.map((id) => id.split("_")[0]))].join(",");
    const args = ["--noheader", "--array", "--states=all", `--jobs=${jobs}`, `--Format=${fields}`];
    try {
      return (await this.#commands.run("squeue", args, { patience: 0 })).split("\n").flatMap(parse);
    } catch (error) {
      // That is how it says of a single job that it has left the queue.
      if (error instanceof SlurmRefusal && /Invalid job id/i.test(error.said)) return [];
      throw error;
    }
  }
}

function parse(line: string): Job[] {
  const [id = "", state = "", exit = "", reason = "", nodes = ""] = line.split("|").map((part) => part.trim());
  return id === "" ? [] : [{ id, state, reason, nodes, ...exitOf(exit) }];
}

/** `10:0`, or the status as the system gives it. */
export function exitOf(text: string): Pick<Job, "code" | "signal"> {
  const [code = 0, signal] = text.split(":").map(Number);
  return signal === undefined ? { code: code >> 8, signal: code & 127 } : { code, signal };
}
