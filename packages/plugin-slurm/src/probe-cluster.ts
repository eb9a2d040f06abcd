import { mkdir } from "node:fs/promises";
import { type ProbeFinding, TenonError } from "@tenon/core";
import { partOf, readCluster } from "./cluster.js";
import { placementFlags } from "./job-flags.js";
import { refusalOf } from "./judge-steps.js";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";
import type { SlurmConfig } from "./slurm-config.js";

const gibibyte = 2 ** 30;

/** Tries what runs do with a cluster, without submitting anything. */
export async function probeCluster(
  commands: SlurmCommands,
  config: SlurmConfig,
  directory: string | undefined,
): Promise<readonly ProbeFinding[]> {
  const findings: ProbeFinding[] = [];
  const attempt = async (tried: string, permission: string, work: () => Promise<string | undefined>) => {
    try {
      const note = await work();
      findings.push({ tried, permission, ...(note !== undefined && { note }) });
    } catch (error) {
      findings.push({ tried, permission, error: error as Error });
    }
  };
  await attempt("asking what the cluster has", "sinfo", async () => {
    const kinds = partOf(await readCluster(commands), config.partition);
    const described = kinds.map(({ partition, count, cpu, memory, gpu, state }) => {
      const size = `${cpu} processors, ${Math.round(memory / gibibyte)} GiB${gpu > 0 ? `, ${gpu} GPUs` : ""}`;
      return `${count} of ${size} in ${partition} (${state})`;
    });
    return `It has ${described.join("; ")}.`;
  });
  await attempt("asking whether it takes a job", "sbatch", async () => {
    const refusal = await refusalOf(placementFlags(config, config.flags), commands);
    if (refusal === undefined) return undefined;
    throw new TenonError("ORCHESTRATOR_REFUSED", {
      doing: "asking Slurm whether it takes a job",
      found: refusal,
      fix: "Mend partition, account, qos, constraint or flags in the stack's orchestrator.",
    });
  });
  await attempt("asking for jobs that have ended", "sacct", async () => {
    try {
      await commands.run("sacct", ["--noheader", "--allocations", "--starttime=now", "--format=JobID"]);
      return undefined;
    } catch (error) {
      if (!(error instanceof SlurmRefusal) && !TenonError.is(error, "REQUIREMENT_MISSING")) throw error;
      return "The cluster has no accounting: of a job that ended long ago only what it recorded itself is known.";
    }
  });
  if (directory === undefined) {
    const note = "What jobs print past their steps is lost: give the orchestrator a directory that all nodes see.";
    findings.push({ tried: "looking for a directory that all nodes see", note });
  } else {
    await attempt(`making the directory ${directory}`, "write", async () => {
      await mkdir(directory, { recursive: true });
      return undefined;
    });
  }
  return findings;
}
