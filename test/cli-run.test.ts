import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const pipelines = `import { each, map, pipeline, step } from "@tenon/core";
import { z } from "zod";
import { divide } from "./divide.mjs";

const numbers = step({
  name: "numbers",
  params: z.object({ count: z.int().positive().default(3) }),
  run: (_, { params, metadata, log }) => {
    log.info("counting");
    metadata({ output: { rows: params.count } });
    return Array.from({ length: params.count }, (_, index) => index);
  },
});
const sum = step("sum", ({ values }) => values.reduce((total, value) => total + value, 0));
const ratio = step("ratio", ({ a, b }) => divide(a, b));
const never = step("never", ({ value }) => value);
const square = step("square", ({ x }) => x * x);

export const totals = pipeline("totals", () => ({ total: sum({ values: numbers() }) }));
export const broken = pipeline("broken", () => ({ total: sum({ values: numbers() }), rest: never({ value: ratio({ a: 1, b: 0 }) }) }));
export const squares = pipeline("squares", () => ({ squares: map(square, { x: each(numbers()) }) }));
`;
const divide = `export function divide(a, b) {
  if (b === 0) throw new RangeError("cannot divide by zero");
  return a / b;
}
`;
const waiting = (onAbort: string) => `import { writeFileSync } from "node:fs";
import { pipeline, step } from "@tenon/core";
const first = step("first", () => 1);
const slow = step("slow", ({ value }, { signal }) => new Promise((resolve, reject) => {
  const timer = setInterval(() => {}, 1000);
  signal.addEventListener("abort", () => { ${onAbort} });
  writeFileSync("started", "");
}));
export const waiting = pipeline("waiting", () => ({ result: slow({ value: first() }) }));
`;

const demo = () => project({ "pipeline.mjs": pipelines, "divide.mjs": divide });

describe("tenon run", () => {
  test("runs a pipeline, then finds everything cached", async () => {
    const there = demo();
    const first = await there.tenon("run", "pipeline.mjs", "--pipeline", "totals");
    expect(first.stderr).toBe("");
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(/totals {2}run \w{26} on stack local/);
    expect(first.stdout).toMatch(/✔ numbers .*3 rows/);
    expect(first.stdout).toContain("totals.sum@1");
    const second = await there.tenon("run", "pipeline.mjs", "--pipeline", "totals");
    expect(second.stdout).toMatch(/✔ numbers +cached/);
    expect(second.stdout).toMatch(/✔ sum +cached/);
  });

  test("needs no name where a file is in its usual place, and none where a module has one pipeline", async () => {
    const there = project({
      "src/pipeline.mjs": `import { pipeline, step } from "@tenon/core"; export default pipeline("only", () => step("one", () => 1)());`,
    });
    const { code, stdout, stderr } = await there.tenon("run");
    expect([code, stderr]).toEqual([0, expect.stringContaining("src/pipeline.mjs")]);
    expect(stdout).toContain("only  run");
  });

  test("asks which of several pipelines is meant, and suggests the nearest for a mistyped one", async () => {
    const there = demo();
    const several = await there.tenon("run", "pipeline.mjs");
    expect(several.code).toBe(2);
    expect(several.stderr).toContain("broken, squares, totals");
    const mistyped = await there.tenon("run", "pipeline.mjs", "--pipeline", "total");
    expect(mistyped.code).toBe(2);
    expect(mistyped.stderr).toContain("Did you mean 'totals'?");
  });

  test("sets parameters from a file and the command line, which wins, and records who set them", async () => {
    const there = demo();
    there.write("night.yaml", "numbers:\n  count: 7\n");
    const run = (...more: string[]) =>
      there.tenon("run", "pipeline.mjs", "--pipeline", "totals", "--params", "night.yaml", ...more);
    expect((await run()).stdout).toContain("7 rows");
    expect((await run("--param", "numbers.count=5")).stdout).toContain("5 rows");
    expect((await there.tenon("run", "show")).stdout).toMatch(/numbers\.count +5 +command line/);
    expect((await run("--param", "numbers.count=many")).code).toBe(2);
    expect((await run("--param", "numbers")).stderr).toContain("--param fit.epochs=100");
  });

  test("prints one JSON document, and progress beside it on standard error", async () => {
    const there = demo();
    const { stdout, stderr } = await there.tenon("run", "pipeline.mjs", "--pipeline", "totals", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      pipeline: "totals",
      status: "succeeded",
      outputs: { total: { name: "totals.sum", version: "1" } },
    });
    expect(stderr).toContain("numbers");
  });

  test("runs the plan that an earlier run left, with nothing settable left in it", async () => {
    const there = demo();
    await there.tenon("run", "pipeline.mjs", "--pipeline", "totals");
    const [plan = ""] = readdirSync(there.path("pipelines/totals"));
    const path = join("pipelines/totals", plan);
    const again = await there.tenon("run", path);
    expect(again.stdout).toMatch(/sum +cached/);
    for (const left of [[], ["--for-workers"], ["--detach"]]) {
      const refused = await there.tenon("run", path, "--param", "numbers.count=4", ...left);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain("the parameters of a plan are settled");
    }
  });

  test("goes on to its end although nobody reads what it says", async () => {
    const there = demo();
    const argv = [join(workspace, "packages/cli/bin/tenon.js"), "run", "pipeline.mjs", "--pipeline", "totals"];
    const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(process.execPath, argv, { cwd: there.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    const [run] = JSON.parse((await there.tenon("run", "list", "--json")).stdout);
    expect(run).toMatchObject({ status: "succeeded" });
  });

  test("adds up the elements of a map", async () => {
    const { stdout } = await demo().tenon("run", "pipeline.mjs", "--pipeline", "squares");
    expect(stdout).toMatch(/✔ square .*3 elements/);
    expect(stdout).not.toContain("square[1]");
  });
});

describe("a run that fails", () => {
  test("says which step, what it was given, where in the user's code, and how to go on", async () => {
    const there = demo();
    const { code, stdout } = await there.tenon("run", "pipeline.mjs", "--pipeline", "broken");
    expect(code).toBe(1);
    expect(stdout).toMatch(/✖ ratio +\d+ ms +cannot divide by zero/);
    expect(stdout).toMatch(/↷ never +skipped/);
    expect(stdout).toMatch(/✔ sum/);
    expect(stdout).toMatch(/it was given a: broken\.ratio\.a@1, b: broken\.ratio\.b@1/);
    expect(stdout).toMatch(/at divide \(.*divide\.mjs:2:\d+\)/);
    expect(stdout).not.toMatch(/at .*(node:internal|core[\\/]dist)/);
    expect(stdout).toMatch(/tenon run resume \w{26}/);
    const shown = await there.tenon("run", "show");
    expect(shown.stdout).toMatch(/✖ ratio failed/);
    expect(shown.stdout).toMatch(/at divide/);
  });

  test("goes on from there when it is mended, without doing again what is done", async () => {
    const there = demo();
    await there.tenon("run", "pipeline.mjs", "--pipeline", "broken");
    there.write("divide.mjs", "export const divide = (a, b) => a / (b || 1);\n");
    const { code, stdout } = await there.tenon("run", "resume");
    expect(stdout).toMatch(/✔ never/);
    expect(stdout).not.toMatch(/✔ numbers +\d+ ms/);
    expect(code).toBe(0);
  });
});

/** Starts a run that waits, and resolves once its step does. */
async function startWaiting(
  there: Project,
): Promise<{ child: ChildProcess; ended: Promise<number | null>; said: () => string }> {
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env;
  const argv = [join(workspace, "packages/cli/bin/tenon.js"), "run", "pipeline.mjs"];
  const child = spawn(process.execPath, argv, { cwd: there.directory, env: { ...env, NO_COLOR: "1" } });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk) => {
    text += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  await expect.poll(() => readdirSync(there.directory), { timeout: 30_000 }).toContain("started");
  return { child, ended, said: () => text };
}

describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  test("cancels the run, finishes its records, and ends with 130", async () => {
    const there = project({ "pipeline.mjs": waiting("clearInterval(timer); reject(signal.reason);") });
    const { child, ended, said } = await startWaiting(there);
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(said()).toMatch(/↷ slow .*cancelled/);
    expect(said()).toMatch(/tenon run resume \w{26}/);
    const [run] = JSON.parse((await there.tenon("run", "list", "--json")).stdout);
    expect(run).toMatchObject({ pipeline: "waiting", status: "cancelled" });
    const { steps } = JSON.parse((await there.tenon("run", "show", run.id, "--json")).stdout);
    const slow = steps.find(({ stepId }: { stepId: string }) => stepId === "slow");
    expect(slow).toMatchObject({ status: "cancelled" });
    expect(slow.durationMs).toBeGreaterThan(0);
  });

  test("given twice, ends the process although a step does not listen", async () => {
    const there = project({ "pipeline.mjs": waiting("") });
    const { child, ended, said } = await startWaiting(there);
    child.kill("SIGINT");
    await expect.poll(said).toContain("Press Ctrl-C again");
    child.kill("SIGINT");
    expect(await ended).toBe(130);
  });

  test("SIGTERM cancels the run too, with 143", async () => {
    const there = project({ "pipeline.mjs": waiting("clearInterval(timer); reject(signal.reason);") });
    const { child, ended } = await startWaiting(there);
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
  });

  test("another process can cancel the run", async () => {
    const there = project({ "pipeline.mjs": waiting("clearInterval(timer); reject(signal.reason);") });
    const { ended } = await startWaiting(there);
    expect((await there.tenon("run", "cancel")).stdout).toContain("asked to stop");
    expect(await ended).toBe(130);
    expect((await there.tenon("run", "cancel")).stdout).toContain("already ended: cancelled");
  });
});
