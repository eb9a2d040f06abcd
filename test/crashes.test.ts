import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { resume, run, stack } from "@tenon/core";
import { filesystem, local, sqlite } from "@tenon/plugin-local";
import { expect, test } from "vitest";
import { project } from "./project.js";

const pipelines = `
import { setTimeout as sleep } from "node:timers/promises";
import { map, each, pipeline, run, step } from "@tenon/core";
export const first = step("first", () => 0);
export const next = step("next", async ({ x }) => { await sleep(5); return x + 1; });
export const list = step("list", ({ n }) => Array.from({ length: n }, (_, i) => i));
export const square = step("square", async ({ x }) => { await sleep(5); return x * x; });
export const chain = pipeline("chain", () => {
  let x = first({});
  for (let i = 0; i < 40; i++) x = next({ x });
  return { x, squares: map(square, { x: each(list({ n: 20 })) }) };
});
export const dying = step("dying", () => {
  console.log("last words");
  process.kill(process.pid, "SIGKILL");
});
export const exiting = step("exiting", () => process.exit(3));
export const steady = step("steady", () => { console.log("said to standard output"); return 1; });
export const crashing = pipeline("crashing", () => ({ a: dying({}), b: exiting({}), c: steady({}) }));
export const nested = step("nested", async () => { await run(chain); return 1; });
export const nesting = pipeline("nesting", () => ({ a: nested({}) }));
export const removing = step("removing", async ({ directory }) => {
  (await import("node:fs")).rmSync(directory, { recursive: true, force: true });
  return "gone";
});
`;

const driver = `
import { run } from "@tenon/core";
import { chain } from "./pipelines.mjs";
await run(chain, { hooks: { runStarted: ({ runId }) => process.send(runId) } });
process.disconnect();
`;

async function started(child: ChildProcess): Promise<string> {
  const [runId] = (await once(child, "message")) as [string];
  return runId;
}

test("a run whose driver is killed at any moment is resumed to the same result", async () => {
  const files = project({ "pipelines.mjs": pipelines, "driver.mjs": driver });
  const options = { directory: files.directory, throwOnFailure: false };
  for (const delay of [0, 60, 150, 300]) {
    rmSync(files.path(".tenon"), { recursive: true, force: true });
    const child = fork(files.path("driver.mjs"), { cwd: files.directory });
    const runId = await started(child);
    const ended = once(child, "exit");
    setTimeout(() => child.kill("SIGKILL"), delay);
    const [code] = (await ended) as [number | null];
    if (code === 0) continue;
    const result = await resume(runId, options);
    expect([result.id, result.status]).toEqual([runId, "succeeded"]);
    const outputs = result.outputs as unknown as Record<"x" | "squares", { load(): Promise<unknown> }>;
    expect(await outputs.x.load()).toBe(40);
    expect(await outputs.squares.load()).toEqual(Array.from({ length: 20 }, (_, i) => i * i));
  }
});

test("a run that goes on cannot be resumed by somebody else", async () => {
  const files = project({ "pipelines.mjs": pipelines, "driver.mjs": driver });
  const child = fork(files.path("driver.mjs"), { cwd: files.directory });
  const ended = once(child, "exit");
  const runId = await started(child);
  await expect(resume(runId, { directory: files.directory })).rejects.toMatchObject({ code: "RUN_NOT_RESUMABLE" });
  expect(await ended).toEqual([0, null]);
});

test("two runs at once in one project both succeed, and no version is lost or doubled", async () => {
  const files = project({ "pipelines.mjs": pipelines, "driver.mjs": driver });
  const children = [1, 2].map(() => fork(files.path("driver.mjs"), { cwd: files.directory }));
  const exits = await Promise.all(children.map((child) => once(child, "exit")));
  expect(exits).toEqual([
    [0, null],
    [0, null],
  ]);
});

async function inProcesses(files: ReturnType<typeof project>, name: string) {
  const { [name]: pipeline } = await import(files.path("pipelines.mjs"));
  const orchestrator = local({ isolation: "process", concurrency: 2 });
  return run(pipeline, {
    directory: files.directory,
    throwOnFailure: false,
    stack: stack({ name: "processes", orchestrator, artifactStore: filesystem(), metadataStore: sqlite() }),
  });
}

test("a step whose process dies fails by itself, and its last words are in its log", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const result = await inProcesses(files, "crashing");
  expect(result.steps.map(({ id, status }) => [id, status])).toEqual([
    ["dying", "failed"],
    ["exiting", "failed"],
    ["steady", "succeeded"],
  ]);
  expect(result.failures.map(({ error }) => (error as { code: string }).code)).toEqual([
    "STEP_CRASHED",
    "STEP_CRASHED",
  ]);
  const log = files.read(`.tenon/logs/${result.id}/steady.1.log`);
  expect(log).toContain("said to standard output");
});

test("a run that is started inside a worker is refused with an explanation", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const result = await inProcesses(files, "nesting");
  expect(result.failures[0]?.error).toMatchObject({ code: "RUN_IN_WORKER" });
});
