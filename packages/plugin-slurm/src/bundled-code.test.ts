import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client, type PipelineDefinition, type RunResult, run } from "@tenon/core";
import { available, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ClusterProject } from "./testing/cluster-project.js";
import { tenon } from "./testing/programs.js";

describe.skipIf(!available(server))("code that travels to the nodes of a Slurm cluster as a bundle", () => {
  let cluster: SlurmCluster;
  const made: ClusterProject[] = [];
  const away = new Set<ClusterProject>();
  beforeAll(async () => {
    cluster = await server.start({ nodes: 2 });
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  });
  afterEach(() => {
    delete process.env.GATE;
    for (const project of made) {
      rmSync(`${project.directory}.away`, { recursive: true, force: true });
      project.remove();
    }
    made.length = 0;
    away.clear();
  });
  afterAll(() => cluster?.stop());

  const directory = (): ClusterProject => {
    const one = new ClusterProject();
    made.push(one);
    return one;
  };
  /** What all machines share, what each of them has, and copies of a project that only one of them has. */
  const place = () => {
    const [shared, runtime] = [directory(), directory()];
    const stores = {
      artifactStore: { flavor: "local/filesystem", path: shared.path("artifacts") },
      metadataStore: { flavor: "local/sqlite", file: shared.path("metadata.sqlite") },
    };
    const code = { bundle: { runtime: runtime.directory, cache: shared.path("cache") } };
    const orchestrator = { flavor: "slurm/slurm", code, environment: ["GATE"], directory: shared.path("printed") };
    const stacks = { cluster: { orchestrator, ...stores } };
    const copy = (): ClusterProject => {
      const project = directory();
      const text = readFileSync(new URL("testing/bundled.mjs", import.meta.url), "utf8");
      project.write("bundled.mjs", text);
      project.write("src/scale.mjs", "export const scale = (value) => value * 2;\n");
      project.write("data/numbers.json", JSON.stringify(Array.from({ length: 8 }, (_, index) => index)));
      project.write("tenon.yaml", JSON.stringify({ project: "travels", stacks }));
      return project;
    };
    process.env.GATE = shared.path("gate");
    return { shared, copy };
  };
  const takeAway = (project: ClusterProject) => {
    if (away.has(project)) return;
    renameSync(project.directory, `${project.directory}.away`);
    away.add(project);
  };
  const bringBack = (project: ClusterProject) => {
    rmSync(project.directory, { recursive: true, force: true });
    renameSync(`${project.directory}.away`, project.directory);
    away.delete(project);
  };
  /** Every artifact of a run, the elements of maps among them. */
  const digests = async (project: ClusterProject, { id, status, failures }: RunResult, stack: string) => {
    expect([status, failures.map(({ error }) => String(error))]).toEqual(["succeeded", []]);
    const client = new Client({ directory: project.directory, stack });
    try {
      const found: Record<string, unknown> = {};
      const ran = await client.runs.get(id);
      for (const { stepId, outputs } of await ran.steps()) {
        for (const name of Object.keys(outputs)) {
          const { digest, elements } = await ran.step(stepId).output(name).artifact();
          found[`${stepId}.${name}`] = [digest, ...(elements ?? []).map((element) => element.digest)];
        }
      }
      return found;
    } finally {
      await client.close();
    }
  };
  const begun = (shared: ClusterProject) => {
    const file = shared.path("gate.begun");
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  };

  test("runs while the project is away, and makes what a local run makes", async () => {
    const { shared, copy } = place();
    const project = copy();
    const { totals } = (await import(project.path("bundled.mjs"))) as { readonly totals: PipelineDefinition };
    const options = { directory: project.directory, throwOnFailure: false, cache: false } as const;
    const here = await digests(project, await run(totals, { ...options, stack: "local" }), "local");
    const hooks = { stepStarted: () => takeAway(project) };
    const there = await run(totals, { ...options, stack: "cluster", hooks });
    expect(existsSync(project.path("bundled.mjs"))).toBe(false);
    bringBack(project);
    expect(Object.keys(here).sort()).toEqual(["half.output", "load.output", "sum.output"]);
    expect(await digests(project, there, "cluster")).toEqual(here);
    // Unpacked once, whichever nodes the jobs ran on, and nothing half made is left.
    expect(readdirSync(shared.path("cache", "code"))).toHaveLength(1);
  });

  test("goes along with a detached driver, and with one that is started from another copy of the project", async () => {
    const { shared, copy } = place();
    const [first, second, third] = [copy(), copy(), copy()];
    const argv = ["run", "bundled.mjs", "--pipeline", "waiting", "--stack", "cluster", "--detach", "--json"];
    const { id, driver } = JSON.parse(await tenon(first.directory, ...argv));
    takeAway(first);
    await expect.poll(() => begun(shared).length, { timeout: 50_000 }).toBe(1);
    expect(begun(shared)[0]).toContain(join(shared.path("cache"), "code"));
    await cluster.client("scancel", driver.job);
    await expect.poll(() => cluster.client("squeue", "--noheader", `--jobs=${driver.job}`)).toBe("");
    await tenon(second.directory, "run", "resume", id, "--detach", "--stack", "cluster");
    takeAway(second);
    shared.write("gate.open", "");
    const client = new Client({ directory: third.directory, stack: "cluster" });
    try {
      const status = async () => (await client.runs.get(id)).status;
      await expect.poll(status, { timeout: 50_000, interval: 200 }).not.toBe("running");
      const ended = await client.runs.get(id);
      expect((await ended.steps()).map(({ stepId, error }) => [stepId, error?.message]).sort()).toEqual([
        ["gated", undefined],
        ["load", undefined],
        ["sum", undefined],
      ]);
      expect(await ended.outputs.total?.load()).toEqual({ total: 58 });
    } finally {
      await client.close();
    }
    // What the first driver had started went on.
    expect(begun(shared)).toHaveLength(1);
  });
});
