import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePorts, ServerProcesses } from "./processes.js";
import { findProgram } from "./server-process.js";

export interface SlurmOptions {
  /** Virtual nodes, called `n1`, `n2` and so on; all are this machine. */
  readonly nodes?: number;
  /** Processors of a node, as Slurm counts them. */
  readonly processors?: number;
  /** Further lines of slurm.conf. */
  readonly settings?: readonly string[];
}

export interface SlurmCluster {
  /** What its client programs need to find it: `SLURM_CONF`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly nodes: readonly string[];
  /** The text log of jobs that have ended; there is no accounting database. */
  readonly completionLog: string;
  /** Runs a client program, such as `squeue`, to its end. */
  client(program: string, ...args: string[]): Promise<string>;
  /** As if a node lost its power: its daemon and all of its jobs are gone at once. */
  killNode(name: string): Promise<void>;
  startNode(name: string): Promise<void>;
  /** Running jobs go on without the controller. It is killed once it has saved what it knows of them. */
  stopController(signal?: NodeJS.Signals): Promise<void>;
  startController(): Promise<void>;
  /** What controller, nodes and jobs have printed last. */
  printed(): Promise<string>;
  stop(): Promise<void>;
}

const programs = ["munged", "slurmctld", "slurmd", "sbatch"];

export const slurm = {
  name: "Slurm",
  install: "apt-get install -y --no-install-recommends slurmctld slurmd slurm-client munge",
  installed: () => process.getuid?.() === 0 && programs.every((program) => findProgram(program) !== undefined),
  start: startSlurm,
} as const;

const attempts = 3;

/** A cluster of virtual nodes on loopback. Takes a second or two. Only root can start one: jobs run as who submits them. */
export async function startSlurm(options: SlurmOptions = {}): Promise<SlurmCluster> {
  for (let attempt = 1; ; attempt += 1) {
    const processes = await ServerProcesses.create("slurm");
    const cluster = new Cluster(processes, options);
    try {
      await cluster.start();
      return cluster;
    } catch (error) {
      // A port may have been taken by another process meanwhile.
      const log = await processes.printed();
      await cluster.stop();
      if (attempt === attempts) throw new Error(`Slurm could not be started: ${log}`, { cause: error });
    }
  }
}

class Cluster implements SlurmCluster {
  readonly nodes: readonly string[];
  readonly #processes: ServerProcesses;
  readonly #options: SlurmOptions;
  readonly #daemons = new Map<string, ChildProcess>();

  constructor(processes: ServerProcesses, options: SlurmOptions) {
    this.#processes = processes;
    this.#options = options;
    this.nodes = Array.from({ length: options.nodes ?? 4 }, (_, index) => `n${index + 1}`);
  }

  get environment() {
    return { SLURM_CONF: join(this.#processes.directory, "slurm.conf") };
  }

  get completionLog(): string {
    return join(this.#processes.directory, "completed.log");
  }

  async start(): Promise<void> {
    const { directory } = this.#processes;
    for (const name of ["munge", "state", "run", ...this.nodes]) await mkdir(join(directory, name), { mode: 0o755 });
    const key = join(directory, "munge", "key");
    await writeFile(key, randomBytes(1024), { mode: 0o400 });
    const ports = await freePorts(this.nodes.length + 1);
    await writeFile(this.environment.SLURM_CONF, configuration(directory, ports, this.nodes, this.#options));
    // What a node has as devices only has to be there.
    for (const gpu of ["gpu0", "gpu1"]) await writeFile(join(directory, gpu), "");
    await writeFile(join(directory, "gres.conf"), `Name=gpu File=${directory}/gpu[0-1]\n`);
    const run = (name: string) => join(directory, "run", name);
    const munge = ["--key-file", key, "--socket", run("munge"), "--pid-file", run("munged.pid")];
    const more = ["--log-file", run("munged.log"), "--seed-file", join(directory, "munge", "seed")];
    this.#daemon("munged", "munged", ["--foreground", "--force", ...munge, ...more]);
    await Promise.all([this.startController(), ...this.nodes.map((name) => this.startNode(name))]);
  }

  client(program: string, ...args: string[]): Promise<string> {
    return this.#processes.run(program, args, { env: this.environment });
  }

  async killNode(name: string): Promise<void> {
    await this.#end(name, "SIGKILL");
    await endJobs(`SLURM_CONF=${this.environment.SLURM_CONF}`, `SLURMD_NODENAME=${name}`);
  }

  async startNode(name: string): Promise<void> {
    this.#daemon(name, "slurmd", ["-D", "-N", name, "-f", this.environment.SLURM_CONF]);
    await this.#until(async () => /^(idle|mixed|allocated)$/m.test(await this.client("sinfo", "-hNn", name, "-o%T")));
  }

  async stopController(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (signal === "SIGKILL") await this.#until(() => this.#isSaved());
    await this.#end("controller", signal);
  }

  /** One that is killed forgets what it has not saved yet, and gives the numbers of those jobs to others. */
  async #isSaved(): Promise<boolean> {
    const names = (await this.client("squeue", "--noheader", "--format=%j")).trim().split("\n");
    const saved = await readFile(join(this.#processes.directory, "state", "job_state"));
    return names.every((name) => saved.includes(name));
  }

  async startController(): Promise<void> {
    this.#daemon("controller", "slurmctld", ["-D", "-f", this.environment.SLURM_CONF]);
    await this.#until(async () => (await this.client("scontrol", "ping")).includes("is UP"));
  }

  printed(): Promise<string> {
    return this.#processes.printed();
  }

  async stop(): Promise<void> {
    for (const name of this.#daemons.keys()) await this.#end(name, "SIGKILL");
    await endJobs(`SLURM_CONF=${this.environment.SLURM_CONF}`, "SLURM_JOB_ID=");
    await this.#processes.stop();
  }

  #daemon(name: string, program: string, args: readonly string[]): void {
    const path = findProgram(program);
    if (path === undefined) throw new Error(`Slurm is not installed: ${slurm.install}`);
    this.#daemons.set(name, this.#processes.start(name, path, args, this.environment));
  }

  async #end(name: string, signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemons.get(name);
    if (!daemon || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const gone = new Promise((resolve) => daemon.once("exit", resolve));
    daemon.kill(signal);
    await gone;
  }

  async #until(ready: () => Promise<boolean>, seconds = 20): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!(await ready().catch(() => false))) {
      if (performance.now() > deadline) throw new Error("it did not get ready");
      await setTimeout(100);
    }
  }
}

/** Ends what runs with these entries in its environment, after those who would report its end: their steps' daemons. */
async function endJobs(...entries: readonly string[]): Promise<void> {
  const jobs: number[] = [];
  const daemons: number[] = [];
  for (const name of await readdir("/proc")) {
    const id = Number(name);
    if (!Number.isInteger(id) || id === process.pid) continue;
    const environment = (await readFile(`/proc/${id}/environ`, "utf8").catch(() => "")).split("\0");
    if (!entries.every((entry) => environment.some((one) => one.startsWith(entry)))) continue;
    jobs.push(id);
    const parent = Number((await status(id)).match(/^PPid:\s+(\d+)/m)?.[1]);
    if (/^Name:\s+slurmstepd/m.test(await status(parent))) daemons.push(parent);
  }
  for (const id of [...daemons, ...jobs]) {
    try {
      process.kill(id, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}

function status(id: number): Promise<string> {
  return readFile(`/proc/${id}/status`, "utf8").catch(() => "");
}

/** Everything happens as soon as Slurm can be made to do it. */
function configuration(
  directory: string,
  [port = 0, ...ports]: readonly number[],
  nodes: readonly string[],
  { processors = 2, settings = [] }: SlurmOptions,
): string {
  const host = hostname().split(".")[0];
  const size = `CPUs=${processors} Sockets=1 CoresPerSocket=${processors} ThreadsPerCore=1 RealMemory=4000 Gres=gpu:2`;
  const half = Math.ceil(nodes.length / 2);
  return `
ClusterName=tenon
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${directory}/run/munge
CredType=cred/munge
StateSaveLocation=${directory}/state
SlurmdSpoolDir=${directory}/%n
SlurmctldPidFile=${directory}/run/slurmctld.pid
SlurmdPidFile=${directory}/run/%n.pid
SlurmctldLogFile=${directory}/controller.log
SlurmdLogFile=${directory}/%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=100
GresTypes=gpu
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1,sched_min_interval=0
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=3
InactiveLimit=0
MessageTimeout=4
KillWait=2
MinJobAge=300
OverTimeLimit=0
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=${directory}/completed.log
MpiDefault=none
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
${settings.join("\n")}
${nodes.map((name, index) => `NodeName=${name} NodeHostName=${host} NodeAddr=127.0.0.1 Port=${ports[index]} ${size} Feature=${index < half ? "small" : "big"}`).join("\n")}
PartitionName=main Nodes=${nodes.join(",")} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
PartitionName=short Nodes=${nodes.join(",")} MaxTime=2 State=UP OverSubscribe=NO
`;
}
