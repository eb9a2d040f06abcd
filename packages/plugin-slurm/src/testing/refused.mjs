// A project's module, copied into it by the tests of what Slurm refuses.
import { pipeline, step } from "@tenon/core";

const run = () => 1;

export const plain = step({ name: "plain", cache: false, run });
export const large = step({ name: "large", cache: false, resources: { memory: "1 TB" }, run });
export const elsewhere = step({ name: "elsewhere", cache: false, engine: { slurm: { partition: "nowhere" } }, run });
export const featured = step({ name: "featured", cache: false, engine: { slurm: { constraint: "avx1024" } }, run });
export const misspelt = step({ name: "misspelt", cache: false, engine: { slurm: { partiton: "main" } }, run });
export const contrary = step({ name: "contrary", cache: false, engine: { slurm: { flags: ["--output=/x"] } }, run });
export const long = step({
  name: "long",
  cache: false,
  engine: { slurm: { partition: "short" } },
  resources: { time: "1h" },
  run,
});
export const job = step({ name: "job", cache: false, run: () => process.env.SLURM_JOB_ID });
/** Gets two processors of each kind, and says what Slurm gave it. */
export const equipped = step({
  name: "equipped",
  cache: false,
  resources: { cpu: 2, gpu: 2, memory: "300 MiB" },
  engine: { slurm: { constraint: "big", partition: "short" } },
  run: () => {
    const { SLURM_CPUS_PER_TASK, SLURM_MEM_PER_NODE, SLURM_JOB_PARTITION, SLURMD_NODENAME } = process.env;
    return [SLURM_CPUS_PER_TASK, SLURM_MEM_PER_NODE, SLURM_JOB_PARTITION, SLURMD_NODENAME];
  },
});

/** No node is both; Slurm says so of jobs only, as it would let others wait while nodes are down. */
export const torn = step({
  name: "torn",
  cache: false,
  engine: { slurm: { constraint: "big", flags: ["--nodelist=n1"] } },
  run,
});
export const next = step({ name: "next", cache: false, run: ({ value }) => value + 1 });

export const branches = pipeline({
  name: "branches",
  onFailure: "continue",
  body: () => ({ lost: next({ value: torn({}) }), good: next({ value: next({ value: plain({}) }) }) }),
});
export const only = (part) => pipeline("only", () => ({ value: part({}) }));
