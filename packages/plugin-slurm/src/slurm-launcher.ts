import { createReadStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type {
  Attempt,
  AttemptStatus,
  Capabilities,
  ComponentContext,
  DriverJob,
  JudgedStep,
  Launcher,
  LaunchRefusal,
  ProbeFinding,
} from "@tenon/core";
import { mostOf, type NodeKind, partOf, readCluster } from "./cluster.js";
import { type JobStatus, statusOf } from "./jobs.js";
import { judgeSteps } from "./judge-steps.js";
import { readLaunchId } from "./launch-id.js";
import { Queue } from "./queue.js";
import { SlurmCommands } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";
import { type Submission, submitDriver, submitJobs } from "./submit-jobs.js";

const cancelPatienceMs = 30_000;
const idsOfACommand = 1_000;

export async function create({ config, project }: ComponentContext<SlurmConfig>): Promise<Launcher> {
  const commands = new SlurmCommands(config);
  const cluster = await readCluster(commands);
  const shared = config.directory ?? (config.code === "shared" ? join(project.stateDirectory, "slurm") : undefined);
  const directory = shared === undefined ? undefined : resolve(project.root, shared);
  return new SlurmLauncher(config, commands, cluster, directory);
}

/** A job of Slurm an attempt. Everything that it has to know later is in Slurm or in the ids. */
export class SlurmLauncher implements Launcher {
  readonly capabilities: Capabilities;
  readonly lasting = true;
  readonly code: SlurmConfig["code"];
  readonly #config: SlurmConfig;
  readonly #commands: SlurmCommands;
  readonly #cluster: readonly NodeKind[];
  readonly #queue: Queue;
  /** Where what jobs print lies; without a directory that nodes see it is lost. */
  readonly #directory: string | undefined;
  readonly #attempts = new Map<string, Attempt>();
  readonly #cancelled = new Set<string>();

  constructor(
    config: SlurmConfig,
    commands: SlurmCommands,
    cluster: readonly NodeKind[],
    directory: string | undefined,
  ) {
    this.#config = config;
    this.#commands = commands;
    this.#queue = new Queue(commands, config);
    this.#directory = directory;
    this.#cluster = cluster;
    this.code = config.code;
    const resources = mostOf(partOf(cluster, config.partition));
    this.capabilities = { parallel: config.jobs, remote: true, schedule: false, resources };
  }

  judge(steps: readonly JudgedStep[]): Promise<readonly (string | undefined)[]> {
    return judgeSteps(steps, { commands: this.#commands, config: this.#config, cluster: this.#cluster });
  }

  async probe(): Promise<readonly ProbeFinding[]> {
    const { probeCluster } = await import("./probe-cluster.js");
    return probeCluster(this.#commands, this.#config, this.#directory);
  }

  async launch(attempts: readonly Attempt[], signal?: AbortSignal): Promise<readonly (string | LaunchRefusal)[]> {
    if (this.#directory !== undefined) await mkdir(this.#directory, { recursive: true });
    const answers = await submitJobs(attempts, { ...this.#submission, ...(signal && { signal }) });
    answers.forEach((answer, place) => {
      if (typeof answer === "string") this.#attempts.set(answer, attempts[place] as Attempt);
    });
    this.#queue.submitted();
    return answers;
  }

  async launchDriver(job: DriverJob): Promise<string> {
    if (this.#directory !== undefined) await mkdir(this.#directory, { recursive: true });
    return submitDriver(job, this.#submission);
  }

  async poll(ids: readonly string[]): Promise<readonly AttemptStatus[]> {
    const statuses = await this.#statuses(ids);
    // Slurm would let them wait for ever.
    const stuck = ids.filter((_, place) => {
      const status = statuses[place];
      return status?.state === "exited" && status.stuck;
    });
    if (stuck.length > 0) await this.cancel(stuck);
    const open = new Set(ids.filter((_, place) => statuses[place]?.state !== "exited"));
    // Of what nobody asks for any more the ledger has said how it ended.
    await Promise.all([...this.#attempts.keys()].filter((id) => !open.has(id)).map((id) => this.#exited(id)));
    return statuses;
  }

  async cancel(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#cancelled.add(id);
    for (let first = 0; first < ids.length; first += idsOfACommand) {
      const some = ids.slice(first, first + idsOfACommand).map((id) => readLaunchId(id).job);
      // What has ended meanwhile it says, and goes on.
      await this.#commands.run("scancel", ["--quiet", ...some], { patience: cancelPatienceMs });
    }
    this.#queue.submitted();
  }

  async *logs(id: string): AsyncIterable<string> {
    if (this.#directory === undefined) return;
    const file = createReadStream(this.#output(id), "utf8");
    try {
      yield* createInterface({ input: file, crlfDelay: Number.POSITIVE_INFINITY });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }

  async changed(ids: readonly string[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = Math.max(10, this.#queue.dueIn);
      await setTimeout(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if ((await this.#statuses(ids)).some(({ state }) => state === "exited")) return;
    }
  }

  async dispose(): Promise<void> {
    this.#commands.dispose();
    await Promise.all([...this.#attempts.keys()].map((id) => this.#exited(id)));
  }

  async #statuses(ids: readonly string[]): Promise<JobStatus[]> {
    const jobs = await this.#queue.jobs(ids);
    return jobs.map((job, place) => {
      const id = ids[place] as string;
      return job ? statusOf(job, this.#cancelled.has(id)) : { state: "waiting", job: readLaunchId(id).job };
    });
  }

  /** What a job printed belongs to its step's log. A step's own words are there already: this is what went past it. */
  async #exited(id: string): Promise<void> {
    const attempt = this.#attempts.get(id);
    this.#attempts.delete(id);
    this.#cancelled.delete(id);
    this.#queue.forget(id);
    if (!attempt || this.#directory === undefined) return;
    const file = this.#output(id);
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "") attempt.receive({ type: "output", text });
    else await rm(file, { force: true });
  }

  get #submission(): Submission {
    return { commands: this.#commands, config: this.#config, cluster: this.#cluster, directory: this.#directory };
  }

  #output(id: string): string {
    return join(this.#directory as string, `${readLaunchId(id).job}.log`);
  }
}
