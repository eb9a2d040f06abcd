import { spawn } from "node:child_process";
import { resume } from "@tenon/core";
import { available, type DatabaseServer, mariaDb, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterBench } from "./testing/cluster-bench.js";
import { tenon } from "./testing/programs.js";

const here = [available(server), available(mariaDb)].every(Boolean);

describe.skipIf(!here)("on a Slurm cluster with its metadata in MariaDB", () => {
  let cluster: SlurmCluster;
  let database: DatabaseServer;
  let bench: ClusterBench;
  let limited: ReturnType<ClusterBench["run"]>;

  beforeAll(async () => {
    // A node's death is noticed within seconds.
    const settings = ["MessageTimeout=2", "TCPTimeout=1"];
    [cluster, database] = await Promise.all([server.start({ settings }), mariaDb.start()]);
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
    bench = new ClusterBench(cluster, database, { pollInterval: 2_000 });
    // A minute is the shortest limit that there is: it passes while the others run.
    const { forever } = await bench.pipelines();
    const { run } = await import("@tenon/core");
    limited = run(forever, bench.options);
    limited.catch(() => {});
  });
  afterAll(async () => {
    await Promise.all([cluster?.stop(), database?.destroy()]);
    bench?.project.remove();
  });

  test("a node that dies in the middle of a step costs an attempt, and nothing else", async () => {
    const running = bench.run("node_dies");
    const { node } = await bench.middle("node_dies");
    await cluster.killNode(node);
    await bench.middle("node_dies", 2);
    bench.open("node_dies");
    await bench.expectWhole("node_dies", await running);
    expect(new Set(bench.begun("node_dies").map((one) => one.node)).size).toBe(2);
    await cluster.startNode(node);
  });

  test("a controller that restarts in the middle of a step goes unnoticed", async () => {
    const running = bench.run("controller_restarts");
    await bench.middle("controller_restarts");
    await cluster.stopController("SIGKILL");
    bench.open("controller_restarts");
    await cluster.startController();
    await bench.expectWhole("controller_restarts", await running);
    expect(bench.begun("controller_restarts")).toHaveLength(1);
  });

  test("a run whose submitting process is killed is taken over, and what its jobs do is not done again", async () => {
    const program = `
      import { run } from "@tenon/core";
      import { through } from "./faults.mjs";
      await run(through("submitter_dies"), { stack: "cluster" });
    `;
    const file = bench.project.write("submitter.mjs", program);
    const child = spawn(process.execPath, [file], { cwd: bench.project.directory, stdio: "ignore" });
    await bench.middle("submitter_dies");
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    const client = bench.client();
    const { id } = await client.pipeline("submitter_dies").runs.latest();
    await client.close();
    const resumed = resume(id, bench.options);
    bench.open("submitter_dies");
    await bench.expectWhole("submitter_dies", await resumed);
    expect(bench.begun("submitter_dies")).toHaveLength(1);
  });

  test("the driver of a detached run is a job, and another one goes on where it was cancelled", async () => {
    const argv = ["run", "faults.mjs", "--pipeline", "detached", "--stack", "cluster", "--detach"];
    await tenon(bench.project.directory, ...argv);
    await bench.middle("detached");
    const listed = await bench.slurm("squeue", "--noheader", "--states=RUNNING", "--format=%A %j");
    const [, driver = ""] = /^(\d+) \S+-driver-1$/m.exec(listed) ?? [];
    await bench.slurm("scancel", driver);
    const client = bench.client();
    const { id } = await client.pipeline("detached").runs.latest();
    await tenon(bench.project.directory, "run", "resume", id, "--detach", "--stack", "cluster");
    bench.open("detached");
    const status = async () => (await client.runs.get(id)).status;
    await expect.poll(status, { timeout: 50_000, interval: 200 }).toBe("succeeded");
    await client.close();
    await bench.expectWhole("detached", { status: "succeeded", failures: [] });
    expect(bench.begun("detached")).toHaveLength(1);
  });

  test("a metadata server that restarts in the middle of a step delays it", async () => {
    const running = bench.run("database_restarts");
    await bench.middle("database_restarts");
    await database.stop("SIGKILL");
    bench.open("database_restarts");
    await database.start();
    await bench.expectWhole("database_restarts", await running);
    expect(bench.begun("database_restarts")).toHaveLength(1);
  });

  test("a step that Slurm starts twice is recorded once, and both jobs end well", async () => {
    const running = bench.run("started_twice");
    const { job } = await bench.middle("started_twice");
    const script = bench.project.path("again.sh");
    await bench.slurm("scontrol", "write", "batch_script", job, script);
    const again = (await bench.slurm("sbatch", "--parsable", "--output=/dev/null", script)).trim();
    await bench.middle("started_twice", 2);
    bench.open("started_twice");
    await bench.expectWhole("started_twice", await running);
    const states = () => bench.slurm("squeue", "--noheader", "--states=all", `--jobs=${job},${again}`, "--format=%T");
    await expect
      .poll(async () => (await states()).trim().split("\n"), { timeout: 20_000 })
      .toEqual(["COMPLETED", "COMPLETED"]);
  });

  test("a job that somebody cancels fails its step, and the error says so", async () => {
    const running = bench.run("cancelled_there");
    const { job } = await bench.middle("cancelled_there");
    await bench.slurm("scancel", job);
    const { status, failures, steps } = await running;
    expect(status).toBe("failed");
    expect(failures.map(({ error }) => String(error)).join()).toMatch(/Slurm job \d+ ended on n\d: .*scancel/);
    expect(Object.fromEntries(steps.map((step) => [step.id, step.status]))).toEqual({
      gated: "failed",
      greeting: "skipped",
    });
  });

  test("a step that is killed as if out of memory fails, and the error says what it may have been", async () => {
    const running = bench.run("killed");
    const { process: id } = await bench.middle("killed");
    process.kill(id, "SIGKILL");
    const { status, failures } = await running;
    expect(status).toBe("failed");
    expect(String(failures[0]?.error)).toMatch(/Slurm job \d+ ended on n\d: .*SIGKILL.*memory/);
  });

  test("cancelling a run cancels its jobs", async () => {
    const abort = new AbortController();
    const running = bench.run("given_up", { signal: abort.signal });
    const { job } = await bench.middle("given_up");
    abort.abort();
    expect((await running).status).toBe("cancelled");
    const state = () => bench.slurm("squeue", "--noheader", "--states=all", `--jobs=${job}`, "--format=%T");
    await expect.poll(async () => (await state()).trim(), { timeout: 20_000 }).toBe("CANCELLED");
  });

  test("no job's script, record or log holds a secret", async () => {
    const jobs = (await bench.slurm("squeue", "--noheader", "--array", "--states=all", "--format=%A"))
      .trim()
      .split("\n");
    expect(jobs.length).toBeGreaterThan(5);
    const shown = await bench.slurm("scontrol", "--details", "show", "job");
    const scripts = await Promise.all(
      jobs.map((job) => bench.slurm("scontrol", "write", "batch_script", job, "-").catch(() => "")),
    );
    expect(scripts.join("")).toContain("TENON_BOOTSTRAP");
    expect(`${shown}${scripts.join("")}${await cluster.printed()}`).not.toContain(database.password);
  });

  test("a step that reaches its job's time limit fails, and the error says what to do", {
    timeout: 150_000,
  }, async () => {
    const { status, failures } = await limited;
    expect(status).toBe("failed");
    expect(String(failures[0]?.error)).toMatch(/time limit.*resources\.time/);
  });
});
