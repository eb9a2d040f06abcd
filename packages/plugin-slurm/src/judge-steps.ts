import type { JudgedStep } from "@tenon/core";
import { mostOf, type NodeKind } from "./cluster.js";
import { jobFlags } from "./job-flags.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig, SlurmEngine } from "./slurm-config.js";

/** It says so as well while nodes are down or starting, when it would let a job wait for them. */
const perhapsLater = /Requested node configuration is not available/;
const minute = 60_000;
const gibibyte = 2 ** 30;

/**
 * What Slurm would say to jobs that ask for these things, without submitting them; one question for all that are alike.
 *
 * @param cluster what there is, by which the limits of a step's own partition are judged
 */
export async function judgeSteps(
  steps: readonly JudgedStep[],
  { commands, config, cluster }: { commands: SlurmCommands; config: SlurmConfig; cluster: readonly NodeKind[] },
): Promise<readonly (string | undefined)[]> {
  const answers = new Map<string, Promise<string | undefined>>();
  return Promise.all(
    steps.map((step) => {
      const flags = jobFlags(step, config, cluster);
      const key = JSON.stringify(flags);
      const answer = answers.get(key) ?? refusalOf(flags, commands);
      answers.set(key, answer);
      return answer.then((refusal) => refusal ?? beyondPartition(step, config, cluster));
    }),
  );
}

/** Why Slurm would not take a job with these flags; undefined if it would. */
export async function refusalOf(flags: readonly string[], commands: SlurmCommands): Promise<string | undefined> {
  try {
    await commands.run("sbatch", ["--test-only", ...flags], { input: "#!/bin/bash\n" });
    return undefined;
  } catch (error) {
    if (!(error instanceof SlurmRefusal)) throw error;
    return perhapsLater.test(error.said) ? undefined : `${error.said} (sbatch ${flags.join(" ")})`;
  }
}

/** Of some limits Slurm says nothing, and lets the job wait for ever. */
function beyondPartition({ resources, engine }: JudgedStep, config: SlurmConfig, cluster: readonly NodeKind[]) {
  const { partition = config.partition } = engine as SlurmEngine;
  if (partition === undefined) return undefined;
  const most = mostOf(cluster.filter((kind) => partition.split(",").includes(kind.partition)));
  const beyond = (["cpu", "memory", "gpu", "time"] as const).find((name) => (resources[name] ?? 0) > (most[name] ?? 0));
  if (beyond === undefined) return undefined;
  const amount = shown(beyond, most[beyond] ?? 0);
  return `the partition '${partition}' gives a job ${amount} at most, and it asks for ${shown(beyond, resources[beyond] ?? 0)}`;
}

function shown(resource: keyof JudgedStep["resources"], amount: number): string {
  if (resource === "memory") return `${Number((amount / gibibyte).toPrecision(3))} GiB of memory`;
  if (resource === "time") return `${Number((amount / minute).toPrecision(3))} minutes of time`;
  return `${amount} ${resource}`;
}
