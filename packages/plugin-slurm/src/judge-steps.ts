import type { JudgedStep } from "@tenon/core";
import { jobFlags } from "./job-flags.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";

/** What Slurm says to jobs that would ask for these things, without submitting them; one question for all that are alike. */
export async function judgeSteps(
  steps: readonly JudgedStep[],
  commands: SlurmCommands,
  config: SlurmConfig,
): Promise<readonly (string | undefined)[]> {
  const answers = new Map<string, Promise<string | undefined>>();
  return Promise.all(
    steps.map((step) => {
      const flags = jobFlags(step, config);
      const key = JSON.stringify(flags);
      const answer = answers.get(key) ?? refusalOf(flags, commands);
      answers.set(key, answer);
      return answer;
    }),
  );
}

/** Why Slurm would not take a job with these flags; undefined if it would. */
export async function refusalOf(flags: readonly string[], commands: SlurmCommands): Promise<string | undefined> {
  try {
    await commands.run("sbatch", ["--test-only", ...flags], { input: "#!/bin/bash\n" });
    return undefined;
  } catch (error) {
    if (error instanceof SlurmRefusal) return `${error.said} (sbatch ${flags.join(" ")})`;
    throw error;
  }
}
