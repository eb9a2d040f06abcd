import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { earlierSessions } from "../runtime/earlier-sessions.js";
import { readStepLogs } from "../runtime/step-log.js";
import { MemoryProject } from "../testing/memory-project.js";

let project: MemoryProject;
beforeEach(() => {
  project = new MemoryProject();
});
afterEach(async () => {
  vi.useRealTimers();
  await project.dispose();
});

const gates = new Map<string, () => void>();
const gate = (name: string) => new Promise<void>((resolve) => gates.set(name, resolve));

const blocked = step({
  name: "blocked",
  cache: false,
  run: async () => {
    if (gates.has("passed")) return "after the takeover";
    gates.get("started")?.();
    await gate("passed");
    return "before the takeover";
  },
});
const next = step({ name: "next", cache: false, run: ({ x }: { x: string }) => `${x}, and on` });
const taken = pipeline("taken", () => ({ x: next({ x: blocked({}) }) }));

test("a driver whose run was taken over commits nothing more, and says so", async () => {
  let runId = "";
  const started = gate("started");
  const hooks = {
    runStarted: (context: { runId: string }) => {
      runId = context.runId;
    },
  };
  const fenced = project.run(taken, { hooks });
  const failed = expect(fenced).rejects.toMatchObject({ code: "RUN_LEASE_LOST" });
  await started;

  const ledger = await project.ledger();
  // What has gone on for a moment only is not on record yet, and a driver is not taken over after a moment.
  await expect.poll(() => ledger.attempts(runId)).toHaveLength(1);
  const session = await ledger.beginSession(runId, "elsewhere:1");
  await earlierSessions(ledger, runId);
  gates.get("passed")?.();
  await failed;
  expect(await ledger.artifactVersions("taken.blocked")).toEqual([]);
  expect((await ledger.stepRuns(runId)).filter(({ status }) => status === "succeeded")).toEqual([]);
  expect((await ledger.attempts(runId)).map(({ end }) => end?.outcome)).toEqual(["revoked"]);

  // Whoever took it over goes on; here it gives up, and somebody else does.
  const ended = new Date().toISOString();
  await ledger.endSession(runId, session.number, { status: "failed", ended, durationMs: 0 });
  const result = await project.resume(runId);
  expect(result.steps.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
  expect(await (result.outputs as Record<string, { load(): Promise<unknown> }>).x?.load()).toBe(
    "after the takeover, and on",
  );
  expect(await ledger.artifactVersions("taken.blocked")).toHaveLength(1);
  expect(await ledger.artifactVersions("taken.next")).toHaveLength(1);
});

const aging = step({ name: "aging", cache: { timeToLive: "1h", key: "1" }, run: () => 1 });
const aged = pipeline("aged", () => ({ x: aging({}) }));

test("what was cached is run again when its time to live is over", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const status = async () => (await project.run(aged)).steps.map(({ status }) => status);
  expect(await status()).toEqual(["succeeded"]);
  vi.setSystemTime(Date.now() + 59 * 60_000);
  expect(await status()).toEqual(["cached"]);
  vi.setSystemTime(Date.now() + 2 * 60_000);
  expect(await status()).toEqual(["succeeded"]);
  expect(await status()).toEqual(["cached"]);
});

const doubled = step({ name: "doubled", run: ({ x }: { x: number }) => x * 2 });
const twice = pipeline("twice", () => {
  const first = doubled({ x: 2 });
  return { first, again: doubled({ x: 2 }, {}, { after: [first] }), other: doubled({ x: first }) };
});
const elsewhere = pipeline("elsewhere", () => ({ y: doubled({ x: 2 }) }));

test("code that was never run is looked for in the cache as soon as something of it is there", async () => {
  const statuses = async (one: typeof twice | typeof elsewhere, options = {}) =>
    (await project.run(one as typeof twice, options)).steps.map(({ status }) => status).sort();
  expect(await statuses(twice, { cache: false })).toEqual(["succeeded", "succeeded", "succeeded"]);
  expect(await statuses(elsewhere)).toEqual(["cached"]);
  await project.dispose();
  project = new MemoryProject();
  expect(await statuses(twice), "in the same run").toEqual(["cached", "succeeded", "succeeded"]);
  expect(await statuses(twice)).toEqual(["cached", "cached", "cached"]);
  expect(await statuses(elsewhere), "of another pipeline").toEqual(["cached"]);
});

const list = step({ name: "list", cache: false, run: () => ["a", "b"] });
const waiting = new Map<string, () => void>();
const talking = step({
  name: "talking",
  cache: false,
  run: async ({ name }: { name: string }) => {
    process.stdout.write(`${name} begins\n`);
    // Each goes on when the other has begun, so that their words are mixed.
    if (waiting.size === 0) await new Promise<void>((resolve) => waiting.set(name, resolve));
    for (const resolve of waiting.values()) resolve();
    process.stderr.write(`${name} ends\n`);
    return 1;
  },
});
const talk = pipeline("talk", () => ({ all: map(talking, { name: each(list({})) }) }));

test("what steps print side by side is printed, and is in the log of the step that printed it", async () => {
  const printed: string[] = [];
  const writes = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, "write").mockImplementation((text) => printed.push(String(text)) > 0),
  );
  const spied = process.stdout.write;
  const result = await project.run(talk);
  expect(process.stdout.write).toBe(spied);
  for (const write of writes) write.mockRestore();
  expect(printed.filter((text) => /begins|ends/.test(text)).slice(0, 2)).toEqual(["a begins\n", "b begins\n"]);
  const logs = await readStepLogs(`${project.root}/.tenon`, result.id);
  expect(logs.map(({ stepId, text }) => [stepId, text])).toEqual([
    ["talking[0]", "a begins\na ends\n"],
    ["talking[1]", "b begins\nb ends\n"],
  ]);
});

test("warnings of the compiler are in the result, each once", async () => {
  const made = () => step("made", () => 1);
  const result = await project.run(pipeline("warned", () => ({ x: made()({}), y: made()({}, {}, { name: "again" }) })));
  expect(result.warnings).toHaveLength(1);
  expect(result.warnings[0]).toContain("'made'");
});
