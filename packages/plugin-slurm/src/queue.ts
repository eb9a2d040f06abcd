import { TenonError } from "@tenon/core";
import { CompletedJobs } from "./completed-jobs.js";
import type { Job } from "./jobs.js";
import { type NamedJob, readLaunchId } from "./launch-id.js";
import { Pace } from "./pace.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";

// Of a width that no name reaches: Slurm cuts what is longer.
const fields = ["JobArrayID", "State", "exit_code", "Reason", "NodeList", "Name"]
  .map((field) => `${field}:200|`)
  .join(",");

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
   * @param ids as of launches; a job that has the number, and another name, is another job
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
      const wanted = ids.map((id) => ({ id, ...readLaunchId(id) }));
      const found = new Map((await this.#queued(wanted)).map((job) => [job.id, job]));
      const gone = wanted.filter((one) => {
        const job = found.get(one.job);
        const isThere = job !== undefined && isOf(job, one);
        if (isThere) this.#known.set(one.id, job);
        return !isThere;
      });
      if (gone.length > 0) {
        const ended = await this.#completed.find(gone);
        gone.forEach(({ id }, place) => void this.#known.set(id, ended[place] as Job));
      }
      this.#silentSince = undefined;
    } catch (error) {
      if (!TenonError.is(error, "ORCHESTRATOR_UNAVAILABLE")) throw error;
      this.#silentSince ??= performance.now();
      // Jobs go on without their controller, and their ends wait for the accounting.
      if (performance.now() - this.#silentSince >= this.#patienceMs) throw error;
    }
  }

  async #queued(wanted: readonly NamedJob[]): Promise<readonly Job[]> {
    const jobs = [...new Set(wanted.map(({ job }) => job.split("_")[0]))].join(",");
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
  const [id = "", state = "", exit = "", reason = "", nodes = "", name = ""] = line
    .split("|")
    .map((part) => part.trim());
  return id === "" ? [] : [{ id, name, state, reason, nodes, ...exitOf(exit) }];
}

/** Whether it is the job that was launched, and not another of that number. */
export function isOf(job: Job, { name }: NamedJob): boolean {
  return name === undefined || !job.name || job.name === name;
}

/** `10:0`, or the status as the system gives it. */
export function exitOf(text: string): Pick<Job, "code" | "signal"> {
  const [code = 0, signal] = text.split(":").map(Number);
  return signal === undefined ? { code: code >> 8, signal: code & 127 } : { code, signal };
}
