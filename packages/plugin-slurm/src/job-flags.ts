import type { JudgedStep } from "@tenon/core";
import type { NodeKind } from "./cluster.js";
import type { SlurmConfig, SlurmEngine } from "./slurm-config.js";

const minute = 60_000;
const mebibyte = 2 ** 20;
const grace = 2 * minute;

/** What a step asks of Slurm, as flags of sbatch; a later one goes before an earlier one of the same name. */
export function jobFlags(
  { resources, engine, timeout }: JudgedStep,
  config: SlurmConfig,
  cluster: readonly NodeKind[],
): readonly string[] {
  const own = engine as SlurmEngine;
  const placement = { ...config, ...own };
  const { cpu, memory, gpu, time } = resources;
  const kind = placement.gpuType === undefined ? "" : `${placement.gpuType}:`;
  // Without a driver nobody ends a job that hangs: Slurm does, later than the driver would.
  const limited = time === undefined && timeout !== undefined && !setsTime(config.flags) && !setsTime(own.flags);
  const longest = limited ? Math.min(timeout + grace, limitOf(cluster, placement.partition)) : time;
  return [
    ...placementFlags(placement, config.flags, own.flags),
    ...(longest ? [`--time=${Math.ceil(longest / minute)}`] : []),
    ...(cpu ? [`--cpus-per-task=${Math.ceil(cpu)}`] : []),
    ...(memory ? [`--mem=${Math.ceil(memory / mebibyte)}M`] : []),
    ...(gpu ? [`--gres=gpu:${kind}${Math.ceil(gpu)}`] : []),
  ];
}

/** Where a job may run. */
export function placementFlags(
  { partition, account, qos, constraint, requeue = false }: SlurmEngine,
  ...further: readonly (readonly string[] | undefined)[]
): readonly string[] {
  return [
    "--ntasks=1",
    "--kill-on-invalid-dep=yes",
    requeue ? "--requeue" : "--no-requeue",
    ...(partition === undefined ? [] : [`--partition=${partition}`]),
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(qos === undefined ? [] : [`--qos=${qos}`]),
    ...(constraint === undefined ? [] : [`--constraint=${constraint}`]),
    ...further.flatMap((flags) => flags ?? []),
  ];
}

/** Beyond its partition's limit a job would wait for ever. */
function limitOf(cluster: readonly NodeKind[], partition: string | undefined): number {
  const names = partition?.split(",");
  const kinds = cluster.filter((kind) => names?.includes(kind.partition) ?? kind.standard);
  return Math.max(0, ...kinds.map(({ time }) => time));
}

function setsTime(flags: readonly string[] = []): boolean {
  return flags.some((flag) => flag.startsWith("--time="));
}
