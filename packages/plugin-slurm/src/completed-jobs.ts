import { TenonError } from "@tenon/core";
import type { Job } from "./jobs.js";
import type { NamedJob } from "./launch-id.js";
import { exitOf, isOf } from "./queue.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";

/** What has left the queue, as far as the accounting tells; a cluster without one forgets a job some minutes after its end. */
export class CompletedJobs {
  readonly #commands: SlurmCommands;
  #accounting = true;

  constructor(commands: SlurmCommands) {
    this.#commands = commands;
  }

  async find(wanted: readonly NamedJob[]): Promise<readonly Job[]> {
    const known = new Map((await this.#accounted(wanted)).map((job) => [job.id, job]));
    return wanted.map((one) => {
      const job = known.get(one.job);
      return job && isOf(job, one) ? job : forgotten(one.job);
    });
  }

  async #accounted(wanted: readonly NamedJob[]): Promise<readonly Job[]> {
    if (!this.#accounting) return [];
    const jobs = `--jobs=${wanted.map(({ job }) => job).join(",")}`;
    const args = ["--allocations", "--noheader", "--parsable2", jobs, "--format=JobID,State,ExitCode,NodeList,JobName"];
    try {
      return (await this.#commands.run("sacct", args, { patience: 0 })).split("\n").flatMap(parse);
    } catch (error) {
      if (!(error instanceof SlurmRefusal) && !TenonError.is(error, "REQUIREMENT_MISSING")) throw error;
      this.#accounting = false;
      return [];
    }
  }
}

function parse(line: string): Job[] {
  const [id = "", state = "", exit = "", nodes = "", name = ""] = line.trim().split("|");
  // `CANCELLED by 1000`
  return id === "" ? [] : [{ id, name, state: state.split(" ")[0] ?? "", reason: "", nodes, ...exitOf(exit) }];
}

/** If it did its work, the ledger has it; else it is worth another try. */
function forgotten(id: string): Job {
  return { id, state: "FORGOTTEN", reason: "", nodes: "", code: 0, signal: 0 };
}
