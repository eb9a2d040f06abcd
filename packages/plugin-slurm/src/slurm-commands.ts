import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { TenonError } from "@tenon/core";

const firstWaitMs = 500;
const longestWaitMs = 30_000;
/** Slurm's own words for a controller that is down, is starting, or has too much to do. */
const unreachable =
  /Unable to contact slurm controller|Connection refused|Connection timed out|Socket timed out|Slurm backup controller|Zero Bytes were transmitted|slurmctld.*not respond|Communication connection failure|Transport endpoint is not connected|temporarily unable to accept job|Resource temporarily unavailable|Unable to establish controller|server.*not responding/i;
/** With `--export=ALL` a job has what sbatch has. */
const passedOn =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LC_\w+|TZ|SBATCH_\w+|SLURM_CONF|SLURM_CLUSTERS|TENON_LEASE_SECONDS)$/;

export interface CommandOptions {
  readonly input?: string;
  /** All of the variables that the program gets; by default those of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Called before it is tried again, as it may have succeeded though it failed: a result ends the waiting. */
  readonly recover?: () => Promise<string | undefined>;
  /** How long to wait for the controller, in milliseconds. */
  readonly patience?: number;
  /** Ends the waiting for the controller. */
  readonly signal?: AbortSignal | undefined;
}

/** A program of Slurm that failed, and not because the controller could not be reached. */
export class SlurmRefusal extends Error {
  constructor(
    readonly program: string,
    readonly said: string,
  ) {
    super(`${program}: ${said}`);
  }
}

/** Runs the client programs of Slurm, and waits for a controller that does not answer. */
export class SlurmCommands {
  readonly #patienceMs: number;
  readonly #disposal = new AbortController();

  constructor({ patience }: { readonly patience: number }) {
    this.#patienceMs = patience;
  }

  /**
   * @returns what it wrote to its standard output
   * @throws `SlurmRefusal`; `REQUIREMENT_MISSING`; `ORCHESTRATOR_UNAVAILABLE` after the patience is over
   */
  async run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const begun = performance.now();
    const { patience = this.#patienceMs } = options;
    const ends = [this.#disposal.signal, ...(options.signal ? [options.signal] : [])];
    const signal = AbortSignal.any(ends);
    for (let wait = firstWaitMs; ; wait = Math.min(wait * 2, longestWaitMs)) {
      const { code, output, said } = await this.#once(program, args, options);
      if (code === 0) return output;
      if (!unreachable.test(said)) throw new SlurmRefusal(program, said || `it ended with exit code ${code}`);
      const left = patience - (performance.now() - begun);
      if (left <= 0 || signal.aborted) throw unavailable(program, said, patience);
      await setTimeout(Math.min(wait, left), undefined, { signal }).catch(() => {});
      const recovered = await options.recover?.();
      if (recovered !== undefined) return recovered;
    }
  }

  /** What waits for the controller gives up. */
  dispose(): void {
    this.#disposal.abort();
  }

  #once(program: string, args: readonly string[], { input, environment }: CommandOptions) {
    return new Promise<{ code: number | null; output: string; said: string }>((resolve, reject) => {
      const child = spawn(program, args, { env: environment ?? process.env, stdio: ["pipe", "pipe", "pipe"] });
      let output = "";
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      child.once("error", (cause: NodeJS.ErrnoException) => reject(cause.code === "ENOENT" ? missing(program) : cause));
      child.once("close", (code) => resolve({ code, output, said: plain(said) }));
      child.stdin.on("error", () => {});
      child.stdin.end(input);
    });
  }
}

/** What a job is to have of this process' environment. Slurm keeps it, so it is no place for secrets. */
export function jobEnvironment(names: readonly string[] = []): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => passedOn.test(name) || names.includes(name));
  return Object.fromEntries(entries);
}

/** `sbatch: error: Batch job submission failed: …` without what is the same in each. */
function plain(said: string): string {
  const lines = said.split("\n").map((line) => line.replace(/^\w+: (?:error: |fatal: )?/, "").trim());
  return [...new Set(lines.filter((line) => line !== ""))].join("; ").replace(/\.$/, "");
}

function missing(program: string): TenonError {
  return new TenonError("REQUIREMENT_MISSING", {
    doing: `running Slurm's program '${program}'`,
    found: "it is not on the path",
    fix: "Start runs on a machine that submits jobs to the cluster, with Slurm's client programs: on Debian apt-get install slurm-client.",
    details: { integration: "slurm", program },
  });
}

function unavailable(program: string, said: string, patienceMs: number): TenonError {
  return new TenonError("ORCHESTRATOR_UNAVAILABLE", {
    doing: `running Slurm's program '${program}'`,
    found: `the cluster's controller does not answer${patienceMs > 0 ? `, for ${Math.round(patienceMs / 1000)} seconds now` : ""}: ${said}`,
    fix: "See whether it is up: scontrol ping. How long to wait for it is the orchestrator's setting patience.",
  });
}
