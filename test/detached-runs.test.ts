import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Client } from "@tenon/core";
import { expect, onTestFinished, test } from "vitest";
import { copies, start, until } from "./copies.js";
import type { Project } from "./project.js";

const pipeline = `
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pipeline, step } from "@tenon/core";
export const wait = step({ name: "wait", cache: false, run: async ({ at }: { at: string }, { log }) => {
  mkdirSync(join(at, "wait"), { recursive: true });
  writeFileSync(join(at, "wait", String(process.pid)), "");
  log.info("waiting at the gate");
  log.progress(1, 2);
  while (!existsSync(join(at, "gate"))) await sleep(20);
  return 20;
} });
export const after = step("after", ({ x }: { x: number }) => x + 1);
export const gated = pipeline("gated", () => ({ x: after({ x: wait({ at: process.env.AT as string }) }) }));
`;

async function detached(stack: "here" | "children") {
  const [first, second] = copies(2, { "pipeline.ts": pipeline }) as [Project, Project];
  const at = first.path("marks");
  const submitting = start(first, ["run", "pipeline.ts", "--detach", "--stack", stack], {
    AT: at,
    TENON_LEASE_SECONDS: "2",
  });
  await until(() => /^[0-9A-Z]{26}\n/.test(submitting.output()) || submitting.child.exitCode !== null);
  // Whatever it was going to do: it and its process group are no more.
  process.kill(-(submitting.child.pid as number), "SIGKILL");
  const id = submitting.output().slice(0, 26);
  const client = new Client({ directory: second.directory, stack });
  onTestFinished(() => client.close());
  const marks = () => (existsSync(first.path("marks/wait")) ? readdirSync(first.path("marks/wait")) : []);
  onTestFinished(async () => {
    // A test that failed must not leave its driver waiting at the gate.
    first.write("marks/gate", "");
  });
  const driver = async () => Number((await client.runs.get(id)).driver?.split(":").at(-1));
  const ended = () => until(async () => (await client.runs.get(id)).status !== "running");
  return { first, second, id, client, marks, driver, ended, open: () => first.write("marks/gate", ""), stack };
}

for (const stack of ["here", "children"] as const) {
  test(`a detached run goes on when the process that submitted it is killed, and is watched from another copy (${stack})`, async () => {
    const { second, id, marks, open } = await detached(stack);
    await until(() => marks().length === 1);
    const logs = start(second, ["run", "logs", id, "--follow", "--stack", stack]);
    const watching = start(second, ["run", "attach", id, "--stack", stack]);
    if (stack === "children") await until(() => logs.output().includes("waiting at the gate"));
    await until(() => watching.output().includes(id));
    const leaving = start(second, ["run", "attach", id, "--stack", stack]);
    await until(() => leaving.output().includes(id));
    leaving.child.kill("SIGTERM");
    expect(await leaving.ended).toBe(0);
    expect(leaving.output()).toContain("The run goes on without being watched.");
    expect(leaving.output()).not.toContain("cancelled");
    const showing = start(second, ["run", "show", "--follow", "--stack", stack]);
    await until(() => showing.output().includes(id));
    // By the end of the one that is watched another is the latest.
    const recorded = start(second, ["run", "pipeline.ts", "--for-workers", "--stack", stack], { AT: "elsewhere" });
    expect(await recorded.ended, recorded.output()).toBe(0);
    open();
    expect([await watching.ended, watching.output()]).toEqual([0, expect.stringContaining("succeeded")]);
    expect(await logs.ended).toBe(0);
    expect([await showing.ended, showing.output()]).toEqual([0, expect.stringContaining("gated.after@1")]);
  });
}

test("who follows the logs of a run whose driver is killed gets what there is, and hears of it", async () => {
  const { second, id, client, marks, driver, stack } = await detached("children");
  await until(() => marks().length === 1);
  await until(async () => (await client.runs.get(id)).session > 0);
  const logs = start(second, ["run", "logs", id, "--follow", "--stack", stack]);
  await until(() => logs.output().includes("waiting at the gate"));
  process.kill(await driver(), "SIGKILL");
  expect([await logs.ended, logs.output()]).toEqual([1, expect.stringMatching(/RUN_BROKE_OFF.*tenon run resume/s)]);
  const shown = await second.tenon("run", "show", id, "--stack", stack);
  expect(shown.stdout).toContain(`tenon run resume ${id} --stack ${stack}`);
});

test("who watches a run that is cancelled ends as who cancels one, also when it is shown after it", async () => {
  const { second, id, marks, stack } = await detached("here");
  await until(() => marks().length === 1);
  const watching = ["attach", "show"].map((command) =>
    start(second, ["run", command, id, ...(command === "show" ? ["--follow"] : []), "--stack", stack]),
  );
  await Promise.all(watching.map((one) => until(() => one.output().includes(id))));
  const asked = await second.tenon("run", "cancel", id, "--stack", stack);
  expect(asked.code, asked.stderr).toBe(0);
  expect(await Promise.all(watching.map(({ ended }) => ended))).toEqual([130, 130]);
});

test("a run that is on another stack is not found, and what to do is said", async () => {
  const { second, id, marks, stack } = await detached("here");
  await until(() => marks().length === 1);
  const lost = await second.tenon("run", "attach", id, "--stack", "local");
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining("those on another stack with --stack")]);
  const running = await second.tenon("run", "resume", id, "--stack", stack);
  expect([running.code, running.stderr]).toEqual([1, expect.stringContaining("RUN_NOT_RESUMABLE")]);
});

test("a driver that is killed is taken over from another copy, and what the engine runs is not started again", async () => {
  const { second, id, client, marks, driver, open, stack } = await detached("children");
  await until(() => marks().length === 1);
  await until(async () => (await client.runs.get(id)).session > 0);
  process.kill(await driver(), "SIGKILL");
  const next = start(second, ["run", "resume", id, "--stack", stack], { TENON_LEASE_SECONDS: "2" });
  await until(async () => (await client.runs.get(id)).session === 2);
  open();
  expect([await next.ended, next.output()]).toEqual([0, expect.stringContaining("succeeded")]);
  expect(marks()).toHaveLength(1);
  expect((await client.runs.get(id)).status).toBe("succeeded");
});

test("of two that take a run over at once one drives, the other says so, and each step is done once", async () => {
  const { first, second, id, client, marks, driver, open, stack } = await detached("children");
  await until(() => marks().length === 1);
  process.kill(await driver(), "SIGKILL");
  const both = [first, second].map((copy) => start(copy, ["run", "resume", id, "--stack", stack]));
  await until(async () => (await client.runs.get(id)).session > 1);
  open();
  const codes = await Promise.all(both.map(({ ended }) => ended));
  expect([...codes].sort()).toEqual([0, 1]);
  const loser = both[codes.indexOf(1)]?.output();
  expect(loser).toMatch(/RUN_NOT_RESUMABLE|RUN_LEASE_LOST/);
  expect((await client.runs.get(id)).status).toBe("succeeded");
  expect(marks()).toHaveLength(1);
});

test("a driver that is told to end leaves the run to the next, which goes on detached", async () => {
  const { second, id, client, marks, driver, ended, open, stack } = await detached("here");
  await until(() => marks().length === 1);
  const old = await driver();
  process.kill(old, "SIGTERM");
  await until(() => !lives(old));
  expect((await client.runs.get(id)).brokeOff).toBe(true);
  const next = await second.tenon("run", "resume", id, "--detach", "--stack", stack);
  expect([next.code, next.stdout]).toEqual([0, `${id}\n`]);
  await until(() => marks().length === 2);
  open();
  await ended();
  expect((await client.runs.get(id)).status).toBe("succeeded");
});

test("a detached run is cancelled from another copy", async () => {
  const { second, id, client, marks, ended, stack } = await detached("children");
  await until(() => marks().length === 1);
  expect((await second.tenon("run", "cancel", id, "--stack", stack)).code).toBe(0);
  await ended();
  const run = await client.runs.get(id);
  expect([run.status, (await run.steps()).map(({ stepId, status }) => [stepId, status]).sort()]).toEqual([
    "cancelled",
    [
      ["after", "skipped"],
      ["wait", "cancelled"],
    ],
  ]);
  await until(() => marks().every((pid) => !lives(Number(pid))));
});

test("a process that hangs is given up for another, and when it wakes up it commits nothing", async () => {
  const { second, id, client, marks, open, ended, stack } = await detached("children");
  await until(() => marks().length === 1);
  const logs = async () => (await second.tenon("run", "logs", id, "--stack", stack)).stdout;
  await until(async () => (await logs()).includes("waiting at the gate"));
  const [hanging] = marks() as [string];
  process.kill(Number(hanging), "SIGSTOP");
  await until(() => marks().length === 2);
  open();
  await ended();
  process.kill(Number(hanging), "SIGCONT");
  await until(() => !lives(Number(hanging)));
  const run = await client.runs.get(id);
  const attempts = await run.attempts();
  const committed = attempts.filter(({ end }) => end?.outcome === "committed").map(({ stepId }) => stepId);
  expect([run.status, committed]).toEqual(["succeeded", ["after", "wait"]]);
  // On a machine that is busy others may seem to hang, too.
  expect(attempts.find(({ stepId }) => stepId === "wait")?.end?.outcome).toBe("crashed");
  expect((await client.collectGarbage({ olderThan: 0 })).places).toBe(0);
});

test("a detached run whose driver cannot start says why at once", async () => {
  const [first] = copies(1, { "pipeline.ts": pipeline }) as [Project];
  const broken = first
    .read("tenon.yaml")
    .replace("local/local", "local/local, concurrency: 0")
    .replace("orchestrator: local", "orchestrator: { flavor: local")
    .replace("concurrency: 0", "concurrency: 0 }");
  first.write("tenon.yaml", broken);
  const refused = await first.tenon("run", "pipeline.ts", "--detach");
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("concurrency")]);
});

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
