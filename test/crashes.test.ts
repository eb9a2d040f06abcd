import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { Client, resume, run, stack } from "@tenon/core";
import { filesystem, local, sqlite } from "@tenon/plugin-local";
import { expect, onTestFinished, test } from "vitest";
import { project } from "./project.js";

const pipelines = `
import { appendFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
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
export const noted = step({ name: "noted", cache: false, run: ({ at }) => { appendFileSync(at, process.pid + "\\n"); return process.pid; } });
export const removing = step("removing", ({ directory }) => {
  rmSync(directory, { recursive: true, force: true });
  return "gone";
});
export const vanishing = pipeline("vanishing", () => ({
  a: removing({ directory: ".tenon" }, {}, { after: [noted({ at: "workers" })] }),
}));
export const meet = step({
  name: "meet",
  timeout: "30s",
  cache: false,
  // Neither yields, so each has to have a processor of its own for both to come to an end.
  run: ({ own, other }) => {
    writeFileSync(own, "");
    while (!existsSync(other));
    return process.pid;
  },
});
export const meeting = pipeline("meeting", () => ({
  a: meet({ own: "a", other: "b" }),
  b: meet({ own: "b", other: "a" }),
}));
export const own = step({ name: "own", cache: false, run: ({ i }) => i + process.pid });
export const versions = pipeline("versions", () => ({ all: Array.from({ length: 12 }, (_, i) => own({ i }))[11] }));
`;

const driver = `
import { run } from "@tenon/core";
import * as pipelines from "./pipelines.mjs";
await run(pipelines[process.argv[2] ?? "chain"], { hooks: { runStarted: ({ runId }) => process.send(runId) } });
process.disconnect();
`;

async function started(child: ChildProcess): Promise<string> {
  const message = once(child, "message") as Promise<[string]>;
  const tooEarly = once(child, "exit").then(([code]) => {
    throw new Error(`the driver ended with ${code} before it had begun`);
  });
  const [runId] = await Promise.race([message, tooEarly]);
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
  const children = [1, 2].map(() => fork(files.path("driver.mjs"), ["versions"], { cwd: files.directory }));
  const runs = Promise.all(children.map(started));
  const exits = await Promise.all(children.map((child) => once(child, "exit")));
  expect(exits).toEqual([
    [0, null],
    [0, null],
  ]);
  const client = new Client({ directory: files.directory });
  onTestFinished(() => client.close());
  const names: string[] = [];
  for await (const { name } of client.artifacts.list()) if (/^versions\.own(_\d+)?$/.test(name)) names.push(name);
  expect(names).toHaveLength(12);
  for (const name of names) {
    const found = [];
    for await (const version of client.artifacts.versions(name)) found.push(version);
    expect(found.map(({ version }) => version)).toEqual(["2", "1"]);
    expect(found.map(({ producer }) => producer?.runId).sort()).toEqual([...(await runs)].sort());
  }
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
  const log = (stepId: string) => files.read(`.tenon/logs/${result.id}/${stepId}.1.log`);
  expect(log("steady")).toContain("said to standard output");
  expect(log("dying")).toContain("last words");
});

test("steps that need all of a processor run at the same time in processes of their own", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const { outputs, status } = await inProcesses(files, "meeting");
  expect(status).toBe("succeeded");
  const { a, b } = outputs as unknown as Record<"a" | "b", { load(): Promise<number> }>;
  expect(await a.load()).not.toBe(await b.load());
});

test("a run in processes whose state directory is deleted ends with STORE_VANISHED, and so do they", async () => {
  const program = `
    import { run, stack } from "@tenon/core";
    import { filesystem, local, sqlite } from "@tenon/plugin-local";
    import { vanishing } from "./pipelines.mjs";
    const orchestrator = local({ isolation: "process", concurrency: 2 });
    const isolated = stack({ name: "processes", orchestrator, artifactStore: filesystem(), metadataStore: sqlite() });
    const error = await run(vanishing, { stack: isolated }).catch((error) => error);
    const codes = [];
    for (let one = error; one instanceof Error; one = one.cause) codes.push(one.code);
    console.log(JSON.stringify(codes));
  `;
  const files = project({ "pipelines.mjs": pipelines, "program.mjs": program });
  const { code, stdout } = await files.node(files.path("program.mjs"));
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toContain("STORE_VANISHED");
  for (const pid of files.read("workers").trim().split("\n").map(Number)) {
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a run that is started inside a worker is refused with an explanation", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const result = await inProcesses(files, "nesting");
  expect(result.failures[0]?.error).toMatchObject({ code: "RUN_IN_WORKER" });
});
