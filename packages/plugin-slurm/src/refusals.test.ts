import { join } from "node:path";
import { pipeline as definePipeline, type RunResult, run, stack, step, type TenonError } from "@tenon/core";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { available, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slurm } from "./index.js";
import { ClusterProject } from "./testing/cluster-project.js";
import { onPath, tenon } from "./testing/programs.js";

export const plain = step("plain", () => 1);
export const large = step({ name: "large", resources: { memory: "1 TB" }, run: () => 1 });
export const elsewhere = step({ name: "elsewhere", engine: { slurm: { partition: "nowhere" } }, run: () => 1 });
export const featured = step({ name: "featured", engine: { slurm: { constraint: "avx1024" } }, run: () => 1 });
export const misspelt = step({ name: "misspelt", engine: { slurm: { partiton: "main" } }, run: () => 1 });
export const contrary = step({ name: "contrary", engine: { slurm: { flags: ["--output=/x"] } }, run: () => 1 });
export const long = step({
  name: "long",
  engine: { slurm: { partition: "short" } },
  resources: { time: "1h" },
  run: () => 1,
});
export const fast = step({
  name: "fast",
  resources: { gpu: 2, cpu: 2, memory: "300 MB" },
  engine: { slurm: { constraint: "big", partition: "short" } },
  run: () => 1,
});

describe.skipIf(!available(server))("what Slurm does not take is refused before anything is submitted", () => {
  let cluster: SlurmCluster;
  const project = new ClusterProject();
  beforeAll(async () => {
    cluster = await server.start({ nodes: 2 });
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  });
  afterAll(async () => {
    await cluster?.stop();
    project.remove();
  });

  const attempt = (of: typeof plain, orchestrator: Parameters<typeof slurm>[0] = {}): Promise<RunResult> =>
    run(
      definePipeline("refused", () => ({ x: of({}) })),
      {
        directory: project.directory,
        stack: stack({
          name: "cluster",
          orchestrator: slurm(orchestrator),
          artifactStore: filesystem(),
          metadataStore: sqlite(),
        }),
      },
    );
  const refusal = async (running: Promise<unknown>) => {
    const error = (await running.then(
      () => expect.unreachable("it was taken"),
      (thrown: unknown) => thrown,
    )) as TenonError;
    return { code: error.code, message: error.message };
  };
  const queue = () => cluster.client("squeue", "--noheader", "--states=all");

  test.each([
    ["more memory than any node has", large, "CAPABILITY_MISSING", /'large' asks for .* of which it has 3\.91 GiB/],
    ["a partition that there is not", elsewhere, "CAPABILITY_MISSING", /'elsewhere' .*invalid partition.*nowhere/i],
    ["a feature that no node has", featured, "CAPABILITY_MISSING", /'featured' .*feature/i],
    ["more time than the partition gives", long, "CAPABILITY_MISSING", /'long' .*time limit/i],
    ["a setting that there is not", misspelt, "ENGINE_INVALID", /partiton/],
    ["a flag that Tenon sets itself", contrary, "ENGINE_INVALID", /--output.*use directory/],
  ] as const)("%s", async (_, of, code, message) => {
    expect(await refusal(attempt(of as typeof plain))).toEqual({ code, message: expect.stringMatching(message) });
    expect(await queue()).toBe("");
  });

  test("a partition of the stack that there is not, and those that there are are named", async () => {
    const { code, message } = await refusal(attempt(plain, { partition: "mian" }));
    expect([code, message]).toEqual(["COMPONENT_CONFIG_INVALID", expect.stringMatching(/'mian'.*main, short/)]);
  });

  test("a machine without Slurm's programs is told how it gets them", async () => {
    onPath({}, { only: true });
    const { code, message } = await refusal(attempt(plain));
    expect([code, message]).toEqual(["REQUIREMENT_MISSING", expect.stringMatching(/slurm-client/)]);
  });

  test("a controller that stays away is waited for, and then named", async () => {
    await cluster.stopController();
    const { code, message } = await refusal(attempt(plain, { patience: 700 }));
    expect([code, message]).toEqual(["ORCHESTRATOR_UNAVAILABLE", expect.stringMatching(/scontrol ping/)]);
    const late = refusal(attempt(elsewhere as typeof plain, { patience: 60_000 }));
    await cluster.startController();
    expect((await late).code).toBe("CAPABILITY_MISSING");
  });

  test("a lost answer to a submission is not submitted again", async () => {
    // The first call reaches the controller, and its answer does not reach the caller.
    const real = "/usr/bin/sbatch";
    const once = join(project.directory, "once");
    onPath({
      sbatch: `case "$*" in *--test-only*) exec ${real} "$@";; esac
if [ ! -e ${once} ]; then touch ${once}; ${real} "$@" > ${once}; echo "sbatch: error: Socket timed out on send/recv operation" >&2; exit 1; fi
exec ${real} "$@"`,
    });
    const file = project.write(
      "steps.mjs",
      `import { pipeline, step } from "@tenon/core";
export const named = step({ name: "named", run: () => process.env.SLURM_JOB_ID });
export const answered = pipeline("answered", () => ({ job: named({}) }));`,
    );
    const { answered } = await import(file);
    const definition = stack({
      name: "cluster",
      orchestrator: slurm(),
      artifactStore: filesystem(),
      metadataStore: sqlite(),
    });
    const result = await run(answered, { directory: project.directory, stack: definition });
    const [job] = (await cluster.client("squeue", "--noheader", "--states=all", "--format=%A")).trim().split("\n");
    expect(await result.outputs.job?.load()).toBe(job);
    expect((await queue()).trim().split("\n")).toHaveLength(1);
  });

  test("stack check asks the cluster, and says what it found", async () => {
    const stores = { artifactStore: { flavor: "local/filesystem" }, metadataStore: { flavor: "local/sqlite" } };
    const stacks = { cluster: { orchestrator: { flavor: "slurm/slurm" }, ...stores } };
    project.write("tenon.yaml", JSON.stringify({ project: "cluster", stacks }));
    const said = await tenon(project.directory, "stack", "check", "cluster");
    expect(said).toMatch(/orchestrator was tried/);
    expect(said).toMatch(/2 of 2 processors, 4 GiB, 2 GPUs in main/);
    expect(said).toMatch(/no accounting/);
  });
});
