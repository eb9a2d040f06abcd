import { join } from "node:path";
import type { Attempt, DriverJob, LaunchRefusal, StepProcess } from "@tenon/core";
import { TenonError } from "@tenon/core";
import type { NodeKind } from "./cluster.js";
import { jobFlags, placementFlags } from "./job-flags.js";
import { jobScript } from "./job-script.js";
import { launchId, readLaunchId } from "./launch-id.js";
import { jobEnvironment, type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";

/** Slurm's own limits are 1,000 elements and 4 MiB of script, of which every node gets a copy. */
const longestArray = 200;
const longestScript = 512 * 1024;

export interface Submission {
  readonly commands: SlurmCommands;
  readonly config: SlurmConfig;
  readonly cluster: readonly NodeKind[];
  /** Where what jobs print goes. */
  readonly directory: string | undefined;
  /** Ends the waiting for a controller that does not answer. */
  readonly signal?: AbortSignal;
}

/**
 * Submits a job an attempt; those that ask for the same are arrays.
 *
 * @returns one answer each, in the same order: an id (see `launchId`), or why Slurm refuses it
 * @throws `ORCHESTRATOR_UNAVAILABLE` if the controller does not answer; then none of them runs
 */
export async function submitJobs(
  attempts: readonly Attempt[],
  submission: Submission,
): Promise<readonly (string | LaunchRefusal)[]> {
  const answers = new Map<Attempt, string | LaunchRefusal>();
  try {
    for (const { flags, members } of alike(attempts, submission)) {
      const name = nameOf(members);
      const answer = await submit(name, members, flags, submission);
      members.forEach((attempt, index) => {
        const id = (job: string) => launchId(members.length > 1 ? `${job}_${index}` : job, name);
        answers.set(attempt, typeof answer === "string" ? id(answer) : answer);
      });
    }
  } catch (error) {
    const jobs = [...answers.values()].flatMap((answer) =>
      typeof answer === "string" ? readLaunchId(answer).job : [],
    );
    if (jobs.length > 0)
      await submission.commands.run("scancel", ["--quiet", ...jobs], { patience: 0 }).catch(() => {});
    throw error;
  }
  return attempts.map((attempt) => answers.get(attempt) as string | LaunchRefusal);
}

interface Alike {
  readonly flags: readonly string[];
  readonly members: Attempt[];
}

function alike(attempts: readonly Attempt[], { config, cluster }: Submission): readonly Alike[] {
  const all: Alike[] = [];
  const open = new Map<string, { group: Alike; size: number }>();
  for (const attempt of attempts) {
    const flags = jobFlags(attempt, config, cluster);
    const key = JSON.stringify([flags, attempt.process.directory]);
    const size = JSON.stringify(attempt.process.environment).length;
    const known = open.get(key);
    if (known && known.group.members.length < longestArray && known.size + size < longestScript) {
      known.group.members.push(attempt);
      known.size += size;
      continue;
    }
    const group = { flags, members: [attempt] };
    open.set(key, { group, size });
    all.push(group);
  }
  return all;
}

/**
 * Submits the driver of a detached run. Slurm starts it again should its node fail.
 *
 * @throws `ORCHESTRATOR_REFUSED`
 */
export async function submitDriver({ id, runId, process }: DriverJob, submission: Submission): Promise<string> {
  const { driver = {}, ...config } = submission.config;
  const flags = placementFlags({ ...config, ...driver, requeue: true }, config.flags, driver.flags);
  const what = `the driver of run ${runId}`;
  const answer = await sbatch({ name: id, what, processes: [process], flags }, submission);
  if (typeof answer === "string") return answer;
  const { refused: found, fix } = answer;
  throw new TenonError("ORCHESTRATOR_REFUSED", { doing: `submitting ${what} to Slurm`, found, ...(fix && { fix }) });
}

/** No other has it: an attempt is in one submission. */
function nameOf(members: readonly Attempt[]): string {
  const id = members[0]?.id as string;
  return members.length === 1 ? id : `${id}+${members.length - 1}`;
}

function submit(
  name: string,
  members: readonly Attempt[],
  flags: readonly string[],
  submission: Submission,
): Promise<string | LaunchRefusal> {
  const processes = members.map(({ process }) => process);
  return sbatch({ name, what: described(members), processes, flags }, submission);
}

interface Batch {
  readonly name: string;
  readonly what: string;
  /** Several are an array. */
  readonly processes: readonly StepProcess[];
  readonly flags: readonly string[];
}

async function sbatch({ name, what, processes, flags }: Batch, submission: Submission) {
  const { commands, config, directory, signal } = submission;
  const single = processes.length === 1;
  const args = [
    "--parsable",
    "--export=ALL",
    ...flags,
    `--job-name=${name}`,
    `--comment=${what}`,
    `--output=${directory === undefined ? "/dev/null" : join(directory, single ? "%j.log" : "%A_%a.log")}`,
    "--open-mode=append",
    "--chdir=/",
    ...(single ? [] : [`--array=0-${processes.length - 1}`]),
  ];
  try {
    const answer = await commands.run("sbatch", args, {
      input: jobScript(processes, config.setup),
      environment: jobEnvironment(config.environment),
      recover: () => submittedBefore(commands, name),
      signal,
    });
    return answer.trim().split(";")[0] ?? "";
  } catch (error) {
    if (!(error instanceof SlurmRefusal)) throw error;
    const asked = flags.length > 0 ? `It was asked for ${flags.join(" ")}. ` : "";
    const refused = `sbatch says: ${error.said}`;
    return { refused, fix: `${asked}What the cluster has is shown by sinfo.` } satisfies LaunchRefusal;
  }
}

/** A controller that went away in the middle may have taken the job all the same. */
async function submittedBefore(commands: SlurmCommands, name: string): Promise<string | undefined> {
  const args = ["--noheader", "--states=all", `--name=${name}`, "--format=%F"];
  const found = await commands.run("squeue", args, { patience: 0 }).catch(() => "");
  return found.trim().split(/\s+/)[0] || undefined;
}

function described(members: readonly Attempt[]): string {
  const steps = members.map(({ stepId }) => stepId);
  const some = steps.slice(0, 3).join(", ");
  const more = steps.length > 3 ? ` and ${steps.length - 3} more` : "";
  return `${steps.length === 1 ? "step" : "steps"} ${some}${more} of run ${members[0]?.runId}`;
}
