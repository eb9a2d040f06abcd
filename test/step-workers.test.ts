import { existsSync, readdirSync } from "node:fs";
import { Client } from "@tenon/core";
import { expect, onTestFinished, test } from "vitest";
import { copies, start, until } from "./copies.js";
import type { Project } from "./project.js";

/** Steps leave marks in a directory that is an input of theirs, and wait there at gates. */
const pipeline = `
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { each, map, pipeline, step } from "@tenon/core";
const mark = (at: string, name: string) => {
  mkdirSync(join(at, name), { recursive: true });
  writeFileSync(join(at, name, String(process.pid)), "");
};
export const list = step("list", ({ at }: { at: string }) => { mark(at, "list"); return [1, 2, 3]; });
export const double = step("double", ({ x }: { x: number }) => 2 * x);
export const wait = step({ name: "wait", cache: false, run: async ({ at, xs }: { at: string; xs: readonly number[] }, { log }) => {
  mark(at, "wait");
  log.info("waiting at the gate");
  while (!existsSync(join(at, "gate"))) await sleep(20);
  return xs.length;
} });
export const sum = step("sum", ({ xs, n }: { xs: readonly number[]; n: number }) => xs.reduce((a, b) => a + b, n));
export const waiting = pipeline("waiting", () => {
  const at = process.env.AT as string;
  const xs = map(double, { x: each(list({ at })) });
  return { sum: sum({ xs, n: wait({ at, xs }) }) };
});
export const busy = step({ name: "busy", cache: false, run: ({ at, ms }: { at: string; ms: number }) => {
  mark(at, "busy");
  const until = performance.now() + ms;
  while (performance.now() < until);
  return ms;
} });
export const computing = pipeline("computing", () => ({ x: busy({ at: process.env.AT as string, ms: 5_000 }) }));
export const bad = step("bad", () => { throw new Error("bad luck"); });
export const failing = pipeline("failing", () => ({ x: double({ x: bad({}) }) }));
`;

/** A run that nobody drives, and what leads to it. */
async function recorded(name: string, count = 2) {
  const all = copies(count, { "pipeline.ts": pipeline });
  const first = all[0] as Project;
  const at = first.path("marks");
  const argv = ["run", "pipeline.ts", "--pipeline", name, "--for-workers"];
  const left = start(first, argv, { AT: at });
  expect([await left.ended, left.output()]).toEqual([0, expect.stringMatching(/^[0-9A-Z]{26}\n/)]);
  const id = left.output().slice(0, 26);
  const client = new Client({ directory: first.directory });
  onTestFinished(() => client.close());
  const marks = (mark: string) => (existsSync(first.path("marks", mark)) ? readdirSync(first.path("marks", mark)) : []);
  const open = () => first.write("marks/gate", "");
  return { all, first, second: all[1] as Project, id, client, marks, open };
}

const soon = { TENON_LEASE_SECONDS: "2" };

test("two workers in copies of the project take the steps of one plan, each step once", async () => {
  const { all, id, client, marks, open } = await recorded("waiting");
  open();
  const workers = all.map((copy) => start(copy, ["step", "run", id]));
  expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual([0, 0]);
  const run = await client.runs.get(id);
  expect(run.status).toBe("succeeded");
  expect(await (run.outputs.sum as { load(): Promise<unknown> } | undefined)?.load()).toBe(15);
  expect([marks("list").length, marks("wait").length]).toEqual([1, 1]);
  const steps = (await run.steps()).map(({ stepId, status }) => [stepId, status]);
  expect(steps.filter(([, status]) => status !== "succeeded")).toEqual([]);
  const said = workers.map(({ output }) => output()).join("");
  for (const step of ["list", "double", "wait", "sum"]) expect(said.split(`${step}  succeeded`)).toHaveLength(2);
});

test("a worker that is killed in the middle of a step loses it to the other, and its log can be read there", async () => {
  const { first, second, id, client, marks, open } = await recorded("waiting");
  const lost = start(first, ["step", "run", id], soon);
  await until(() => marks("wait").length === 1);
  const log = async () => second.tenon("run", "logs", id, "wait");
  await until(async () => (await log()).stdout.includes("waiting at the gate"));
  lost.child.kill("SIGKILL");
  expect(await lost.ended).toBe("SIGKILL");
  const other = start(second, ["step", "run", id], soon);
  await until(() => marks("wait").length === 2);
  open();
  expect([await other.ended, other.output()]).toEqual([0, expect.stringContaining("wait  succeeded")]);
  const run = await client.runs.get(id);
  expect(run.status).toBe("succeeded");
  const versions = [];
  for await (const version of client.artifacts.versions("waiting.wait")) versions.push(version.version);
  expect(versions).toEqual(["1"]);
});

test("a worker that sleeps too long finds out that its step was taken, leaves nothing behind, and ends well", async () => {
  const { first, second, id, client, marks, open } = await recorded("waiting");
  const slow = start(first, ["step", "run", id], soon);
  await until(() => marks("wait").length === 1);
  slow.child.kill("SIGSTOP");
  const other = start(second, ["step", "run", id], soon);
  await until(() => marks("wait").length === 2);
  open();
  expect(await other.ended).toBe(0);
  slow.child.kill("SIGCONT");
  expect([await slow.ended, slow.output()]).toEqual([0, expect.stringContaining("wait  superseded")]);
  expect(other.output()).toContain("wait  succeeded");
  const garbage = await client.collectGarbage({ olderThan: 0 });
  expect(garbage.places).toBe(0);
  const versions = [];
  for await (const version of client.artifacts.versions("waiting.wait")) versions.push(version.version);
  expect(versions).toEqual(["1"]);
});

test("a step that computes without a pause is slow, not dead", async () => {
  const { first, second, id, marks } = await recorded("computing");
  const one = start(first, ["step", "run", id, "busy"], soon);
  await until(() => marks("busy").length === 1);
  const other = start(second, ["step", "run", id, "busy"], soon);
  expect(await Promise.all([one.ended, other.ended])).toEqual([0, 0]);
  expect(marks("busy")).toHaveLength(1);
});

test("a worker says with its exit code whether to try again", async () => {
  const { first, second, id } = await recorded("failing");
  const early = await first.tenon("step", "run", id, "double");
  expect([early.code, early.stderr]).toEqual([11, expect.stringContaining("STEP_NOT_READY")]);
  expect((await first.tenon("step", "run", id, "bad")).code).toBe(10);
  expect((await first.tenon("step", "run", id, "doubel")).stderr).toContain("Did you mean 'double'?");
  second.write("pipeline.ts", pipeline.replace("2 * x", "3 * x"));
  const other = await second.tenon("step", "run", id, "double");
  expect([other.code, other.stderr]).toEqual([10, expect.stringContaining("CODE_DIFFERENT")]);
  const last = await first.tenon("step", "run", id, "double");
  expect([last.code, last.stdout]).toEqual([0, "double  skipped\n"]);
  expect((await first.tenon("run", "list", "--status", "failed")).stdout).toContain(id);
});

test("a worker that is told to end gives its step back at once", async () => {
  const { first, second, id, marks, open } = await recorded("waiting");
  const told = start(first, ["step", "run", id]);
  await until(() => marks("wait").length === 1);
  told.child.kill("SIGTERM");
  expect(await told.ended).toBe(11);
  open();
  const other = start(second, ["step", "run", id]);
  expect(await other.ended).toBe(0);
  expect((await second.tenon("run", "show", id)).stdout).toContain("succeeded");
});
