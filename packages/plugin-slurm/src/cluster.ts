import type { Capabilities } from "@tenon/core";
import { TenonError } from "@tenon/core";
import { type SlurmCommands, SlurmRefusal } from "./slurm-commands.js";

const mebibyte = 2 ** 20;
const format = "%P|%c|%m|%G|%l|%D|%t";

/** Nodes of one kind in one partition. */
export interface NodeKind {
  readonly partition: string;
  /** Jobs go there that name no partition. */
  readonly standard: boolean;
  readonly count: number;
  readonly cpu: number;
  /** In bytes. */
  readonly memory: number;
  readonly gpu: number;
  /** The longest that a job may run, in milliseconds. */
  readonly time: number;
  /** `idle`, `mix`, `down*`. */
  readonly state: string;
}

/** @throws `ORCHESTRATOR_UNAVAILABLE` */
export async function readCluster(commands: SlurmCommands): Promise<readonly NodeKind[]> {
  let output: string;
  try {
    output = await commands.run("sinfo", ["--noheader", "--exact", `--format=${format}`]);
  } catch (error) {
    if (!(error instanceof SlurmRefusal)) throw error;
    throw new TenonError("ORCHESTRATOR_UNAVAILABLE", {
      doing: "asking Slurm what the cluster has",
      found: error.said,
      fix: "See whether this machine belongs to a cluster: sinfo. Its configuration is in /etc/slurm or where SLURM_CONF says.",
      cause: error,
    });
  }
  return output.split("\n").flatMap(parse);
}

/**
 * What of it jobs of these partitions can get; all if none is named.
 *
 * @throws `COMPONENT_CONFIG_INVALID` for a partition that there is not
 */
export function partOf(all: readonly NodeKind[], partition?: string): readonly NodeKind[] {
  if (partition === undefined) return all;
  const there = new Set(all.map((kind) => kind.partition));
  const unknown = partition.split(",").find((name) => !there.has(name));
  if (unknown !== undefined) {
    throw new TenonError("COMPONENT_CONFIG_INVALID", {
      doing: "asking Slurm what the cluster has",
      found: `it has no partition '${unknown}'`,
      fix: `There are ${[...there].join(", ")}.`,
      details: { partition: unknown },
    });
  }
  return all.filter((kind) => partition.split(",").includes(kind.partition));
}

/** The most that one job can get on one node. */
export function mostOf(kinds: readonly NodeKind[]): Capabilities["resources"] {
  const most = (name: "cpu" | "memory" | "gpu" | "time") => Math.max(0, ...kinds.map((kind) => kind[name]));
  const gpu = most("gpu");
  return { cpu: most("cpu"), memory: most("memory"), ...(gpu > 0 && { gpu }), time: most("time") };
}

function parse(line: string): NodeKind[] {
  const [name = "", cpu, memory, gres = "", limit = "", count, state = ""] = line.trim().split("|");
  if (name === "") return [];
  const partition = name.replace(/\*$/, "");
  const gpu = gres.split(/,(?![^(]*\))/).reduce((sum, one) => sum + gpus(one), 0);
  const size = { cpu: Number.parseInt(cpu ?? "", 10), memory: Number.parseInt(memory ?? "", 10) * mebibyte };
  return [
    { partition, standard: name !== partition, count: Number(count), ...size, gpu, time: milliseconds(limit), state },
  ];
}

/** `gpu:2`, `gpu:a100:4(S:0-1)`. */
function gpus(text: string): number {
  return Number(/^gpu(?::[^:(]+)?:(\d+)/.exec(text)?.[1] ?? 0);
}

/** `infinite`, `2:00`, `12:00:00`, `7-00:00:00`. */
export function milliseconds(limit: string): number {
  const [, days = 0, rest = ""] = /^(?:(\d+)-)?([\d:]+)$/.exec(limit) ?? [];
  if (rest === "") return Number.POSITIVE_INFINITY;
  const seconds = rest.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}
