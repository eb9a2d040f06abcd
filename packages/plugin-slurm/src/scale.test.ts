import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type RunResult, run, stack } from "@tenon/core";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { available, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slurm } from "./index.js";
import { ClusterProject } from "./testing/cluster-project.js";

const steps = 300;
const programs = ["sbatch", "squeue", "scancel", "sinfo", "sacct", "scontrol"];

describe.skipIf(!available(server))("a pipeline of hundreds of steps", () => {
  let cluster: SlurmCluster;
  const project = new ClusterProject();
  const calls = project.path("calls");
  const before = process.env.PATH;

  beforeAll(async () => {
    cluster = await server.start();
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
    // Programs of the same names that write down that they were called.
    const bin = project.path("bin");
    mkdirSync(bin);
    for (const program of programs) {
      const file = join(bin, program);
      writeFileSync(file, `#!/bin/sh\necho ${program} >> ${calls}\nPATH='${before}' exec ${program} "$@"\n`);
      chmodSync(file, 0o755);
    }
    process.env.PATH = `${bin}${delimiter}${before}`;
  });
  afterAll(async () => {
    process.env.PATH = before;
    await cluster?.stop();
    project.remove();
  });

  test("asks Slurm a number of times that does not grow with its steps", { timeout: 900_000 }, async () => {
    const file = project.write("faults.mjs", readFileSync(new URL("testing/faults.mjs", import.meta.url), "utf8"));
    const { many } = await import(file);
    const begun = performance.now();
    const result: RunResult<Record<string, unknown>> = await run(many(steps), {
      directory: project.directory,
      stack: stack({
        name: "cluster",
        orchestrator: slurm(),
        artifactStore: filesystem(),
        metadataStore: sqlite(),
      }),
    });
    const seconds = (performance.now() - begun) / 1000;
    expect(await result.outputs.total?.load()).toBe((steps * (steps - 1)) / 2);
    const called = existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
    const count = (program: string) => called.filter((name) => name === program).length;
    // Asked whether it takes such jobs; two arrays for the three hundred, a job for the last.
    expect([count("sbatch"), count("sinfo"), count("scancel")]).toEqual([4, 1, 0]);
    // Looks at the queue are spaced in time, whatever there is to look at.
    expect(count("squeue")).toBeLessThan(40 + seconds / 2);
    expect(called.length).toBe(count("sbatch") + count("sinfo") + count("squeue") + count("sacct"));
  });
});
