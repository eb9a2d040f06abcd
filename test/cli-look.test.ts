import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Project } from "./project.js";
import { workspace } from "./sources.js";

let there: Project;
let id: string;

beforeAll(async () => {
  there = new Project({
    "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
const numbers = step("numbers", () => [1, 2, 3]);
const sum = step("sum", ({ values }, { log }) => { log.info("adding up"); return values.reduce((a, b) => a + b, 0); });
export const totals = pipeline("totals", () => ({ total: sum({ values: numbers() }) }));
`,
  });
  const run = await there.tenon("run", "pipeline.mjs", "--json", "--tag", "nightly");
  id = JSON.parse(run.stdout).id;
});
afterAll(() => there.remove());

describe("runs", () => {
  test.each([[["run", "list"]], [["runs"]], [["ls"]], [["run", "ls"]]])("tenon %j lists them", async (argv) => {
    const { code, stdout } = await there.tenon(...argv);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^RUN +PIPELINE +STATUS/);
    expect(stdout).toContain(id);
    expect(stdout).toContain("succeeded");
  });

  test("are filtered", async () => {
    const ids = async (...filter: string[]) =>
      JSON.parse((await there.tenon("run", "list", "--json", ...filter)).stdout).map((run: { id: string }) => run.id);
    expect(await ids("--tag", "nightly", "--pipeline", "totals", "--status", "succeeded")).toEqual([id]);
    expect(await ids("--status", "failed")).toEqual([]);
    expect(await ids("--tag", "daily")).toEqual([]);
  });

  test("are found by the beginning of their id, in any case, and as the latest one", async () => {
    for (const name of [id, id.slice(0, 8), id.slice(0, 8).toLowerCase(), "latest"]) {
      expect((await there.tenon("run", "show", name)).stdout).toContain(`totals  run ${id}`);
    }
  });

  test("show their steps, stack and artifacts", async () => {
    const { stdout } = await there.tenon("describe", id);
    expect(stdout).toMatch(/stack +local.*metadata store local\/sqlite/);
    expect(stdout).toMatch(/sum +✔ succeeded .*totals\.sum@1/);
    expect(stdout).toContain("nightly");
  });

  test("have logs, of all steps or of one", async () => {
    expect((await there.tenon("run", "logs")).stdout).toMatch(/^sum {2}.*adding up/m);
    expect((await there.tenon("logs", id, "sum")).stdout).toMatch(/^\S+Z info +adding up/m);
    expect((await there.tenon("logs", id, "numbers")).stderr).toContain("wrote nothing");
    const mistyped = await there.tenon("logs", id, "sun");
    expect(mistyped.stderr).toContain("STEP_UNKNOWN");
    expect(mistyped.stderr).toContain("Did you mean 'sum'?");
  });
});

describe("artifacts", () => {
  test("are listed with their latest version, or by version", async () => {
    expect((await there.tenon("artifacts")).stdout).toMatch(/totals\.numbers +1 +json/);
    expect((await there.tenon("artifact", "list", "totals.sum")).stdout).toMatch(/totals\.sum +1 +json/);
  });

  test.each(["totals.sum", "totals.sum@1", "totals.sum@latest"])("%s is shown and loaded", async (reference) => {
    expect((await there.tenon("artifact", "show", reference)).stdout).toContain("totals.sum version 1");
    expect((await there.tenon("artifact", "load", reference)).stdout).toBe("6\n");
  });

  test("are loaded as JSON, or written to a file that must not be there", async () => {
    const { stdout } = await there.tenon("artifact", "load", "totals.numbers", "--json");
    expect(JSON.parse(stdout)).toEqual([1, 2, 3]);
    const write = () => there.tenon("artifact", "load", "totals.numbers", "--output", "out/numbers.json");
    expect((await write()).code).toBe(0);
    expect(JSON.parse(there.read("out/numbers.json"))).toEqual([1, 2, 3]);
    const again = await write();
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("exists already")]);
  });

  test("have no version that nobody made", async () => {
    const { code, stderr } = await there.tenon("artifact", "show", "totals.sum@7");
    expect(code).toBe(2);
    expect(stderr).toContain("it has the versions 1");
  });
});

describe("pipelines", () => {
  test("are listed: those that ran, or those of a module", async () => {
    expect((await there.tenon("pipelines")).stdout).toMatch(/totals +\w{26} +✔ succeeded/);
    expect((await there.tenon("pipeline", "list", "pipeline.mjs")).stdout).toBe("totals\n");
  });

  test("show their plan, from the module and from the latest run alike", async () => {
    for (const reference of ["totals", "pipeline.mjs"]) {
      const { stdout } = await there.tenon("pipeline", "show", reference);
      expect(stdout).toMatch(/^totals {2}2 steps/);
      expect(stdout).toMatch(/sum +← values: numbers/);
    }
    const yaml = async (reference: string) => (await there.tenon("pipeline", "show", reference, "--as", "yaml")).stdout;
    expect(await yaml("totals")).toBe(await yaml("pipeline.mjs"));
    expect((await there.tenon("pipeline", "show", "totals", "--as", "mermaid")).stdout).toContain(
      's0 -->|"values"| s1',
    );
  });

  test("that never ran are not known by name", async () => {
    const { code, stderr } = await there.tenon("pipeline", "show", "totls");
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean 'totals'?");
  });
});

test("a reader that goes away is no error", async () => {
  const argv = [join(workspace, "packages/cli/bin/tenon.js"), "run", "show", "--json"];
  const { VITEST: _, ...env } = process.env;
  const child = spawn(process.execPath, argv, { cwd: there.directory, env, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.destroy();
  const [code] = await once(child, "close");
  expect([code, errors]).toEqual([0, ""]);
});

test("errors are JSON too, for who asked for it", async () => {
  const { code, stdout, stderr } = await there.tenon("run", "show", "zzz", "--json");
  expect([code, stdout]).toEqual([2, ""]);
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "RUN_UNKNOWN" } });
});
