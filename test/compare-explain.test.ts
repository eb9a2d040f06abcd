import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Project, project } from "./project.js";

// Each case starts several processes.
vi.setConfig({ testTimeout: 120_000 });

const steps = `import { pipeline, step } from "@tenon/core";
import { z } from "zod";
import { normalise } from "./src/clean.mjs";
const load = step({ name: "load", files: ["rows.json"], env: ["UNIT"], params: z.object({ count: z.int().default(3) }), run: (_, { params, metadata }) => {
  metadata.step({ count: params.count });
  return Array.from({ length: params.count }, (_, index) => index);
} });
const clean = step({ name: "clean", params: z.object({ by: z.number().default(2) }), run: ({ rows }, { params }) => normalise(rows, params.by) });
const never = step({ name: "never", cache: false, run: () => 1 });
const wild = step({ name: "wild", deterministic: false, run: () => 1 });
export const numbers = pipeline("numbers", () => {
  never(); wild();
  return { rows: clean({ rows: load() }) };
});
`;
const clean = "export const normalise = (rows, by) => rows.map((row) => row / by);\n";
const files = { "pipeline.mjs": steps, "src/clean.mjs": clean, "rows.json": "[]" };

interface Explained {
  readonly answer: string;
  readonly because: string;
  readonly from?: string;
  readonly nearest?: { readonly runId: string };
  readonly differences: readonly { readonly field: string; readonly name: string; readonly text: string }[];
}

async function run(there: Project, ...options: string[]): Promise<string> {
  const ended = await there.tenon("run", "pipeline.mjs", "--json", ...options);
  if (ended.code !== 0) throw new Error(ended.stderr);
  return JSON.parse(ended.stdout).id;
}

async function explain(there: Project, id: string, step: string): Promise<Explained> {
  return JSON.parse((await there.tenon("cache", "explain", id, step, "--json")).stdout);
}

const texts = ({ differences }: Explained) => differences.map(({ text }) => text);

describe("tenon cache explain", () => {
  test("names what differs from the nearest earlier run, for each kind of difference", async () => {
    const there = project(files);
    const first = await run(there);
    expect(await explain(there, first, "clean")).toMatchObject({
      answer: "miss",
      because: "no earlier run has done this step",
    });

    const second = await run(there);
    expect(await explain(there, second, "clean")).toMatchObject({ answer: "hit", from: first, differences: [] });

    const third = await run(there, "--param", "clean.by=4");
    const parameter = await explain(there, third, "clean");
    expect([parameter.answer, parameter.nearest?.runId]).toEqual(["miss", second]);
    expect(texts(parameter)).toEqual(["parameter by: 2 → 4"]);

    const fourth = await run(there, "--param", "load.count=4");
    expect(texts(await explain(there, fourth, "clean"))).toEqual(["input rows: numbers.load@1 → numbers.load@2"]);
    expect(texts(await explain(there, fourth, "load"))).toEqual(["parameter count: 3 → 4"]);

    there.write("src/clean.mjs", `${clean}export const unused = 1;\n`);
    const unused = await run(there);
    expect((await explain(there, unused, "clean")).answer).toBe("hit");

    there.write(
      "src/clean.mjs",
      "const half = (x) => x / 2;\nexport const normalise = (rows, by) => rows.map((row) => half(row) / by);\n",
    );
    const fifth = await run(there);
    expect(texts(await explain(there, fifth, "clean"))).toEqual([
      "code: half in src/clean.mjs is new",
      "code: normalise in src/clean.mjs changed",
    ]);
    const person = await there.tenon("cache", "explain", "latest", "clean");
    expect(person.stdout).toContain("miss");
    expect(person.stdout).toContain("normalise in src/clean.mjs changed");

    there.write("rows.json", "[1]");
    process.env.UNIT = "millimetres of mercury";
    try {
      expect(texts(await explain(there, await run(there), "load"))).toEqual([
        "file: rows.json changed",
        "environment: UNIT was not set",
      ]);
    } finally {
      delete process.env.UNIT;
    }
    // What a variable holds may be a secret.
    const state = readdirSync(there.path(".tenon"), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(state.length).toBeGreaterThan(10);
    for (const { parentPath, name } of state) {
      expect(readFileSync(join(parentPath, name), "latin1")).not.toContain("millimetres of mercury");
    }
  });

  test("says when the cache was not asked, and when a step is never cached", async () => {
    const there = project(files);
    await run(there);
    const id = await run(there, "--no-cache");
    expect(await explain(there, id, "clean")).toMatchObject({
      answer: "not asked",
      because: "the run was told to run every step",
    });
    expect(await explain(there, id, "never")).toMatchObject({
      answer: "never cached",
      because: expect.stringContaining("cache: false"),
    });
    expect(await explain(there, id, "wild")).toMatchObject({
      answer: "never cached",
      because: expect.stringContaining("other bytes"),
    });
    const wrong = await there.tenon("cache", "explain", id, "claen");
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("STEP_UNKNOWN");
    expect(wrong.stderr).toContain("Did you mean 'clean'?");
  });

  test("names packages by their versions, and says of a result that is too old that it is so", async () => {
    const there = project({
      "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
import { left } from "left";
const pad = step("pad", () => left("a"));
const old = step({ name: "old", cache: { timeToLive: 1 }, run: () => 2 });
export const p = pipeline("p", () => ({ pad: pad(), old: old() }));
`,
    });
    const install = (version: string) =>
      there.install("left", { version, main: "index.js" }, { "index.js": "export const left = (text) => ' ' + text;" });
    install("1.0.0");
    await run(there);
    install("1.1.0");
    const id = await run(there);
    expect(texts(await explain(there, id, "pad"))).toEqual(["package: left 1.0.0 → 1.1.0"]);
    expect(await explain(there, id, "old")).toMatchObject({
      answer: "miss",
      because: expect.stringMatching(/counts for 1 ms only/),
    });
  });
});

describe("tenon run compare", () => {
  test("puts parameters, code, inputs, metadata, durations and digests side by side", async () => {
    const there = project(files);
    const first = await run(there);
    there.write("src/clean.mjs", clean.replace("/ by", "* by"));
    const second = await run(there, "--param", "load.count=5");
    const compared = JSON.parse((await there.tenon("run", "compare", first, second, "--json")).stdout);
    const named = (part: string, name: string) => compared[part].find((one: { name: string }) => one.name === name);
    expect(compared.runs.map(({ id }: { id: string }) => id)).toEqual([first, second]);
    expect(named("parameters", "load.count").values).toEqual([3, 5]);
    const changed = compared.code.filter(({ fingerprints: [one, other] }: { fingerprints: string[] }) => one !== other);
    expect(changed).toMatchObject([{ step: "clean", changedFunctions: ["normalise in src/clean.mjs"] }]);
    expect(new Set(named("inputs", "clean.rows").digests).size).toBe(2);
    expect(named("metadata", "load.count").values).toEqual([3, 5]);
    expect(named("digests", "numbers.clean").digests).toHaveLength(2);
    expect(compared.durations.map(({ step }: { step: string }) => step)).toContain("clean");

    const text = await there.tenon("run", "compare", first, second, "--differences");
    expect(text.stdout).toMatch(/\* +load\.count +3 +5/);
    expect(text.stdout).not.toContain("clean.by");

    const page = await there.tenon("run", "compare", first, second, "--html", "page.html");
    expect([page.code, page.stdout]).toEqual([0, ""]);
    const html = there.read("page.html");
    expect(html).toContain("normalise in src/clean.mjs");
    expect(html).not.toMatch(/(src|href)="https?:/);
  });

  test("refuses runs of other stores, and says which stack they were made on", async () => {
    const there = project({
      ...files,
      "tenon.yaml": `project: test
stack: one
stacks:
  one: { orchestrator: local/local, artifactStore: local/filesystem, metadataStore: local/sqlite }
  other:
    orchestrator: local/local
    artifactStore: { flavor: local/filesystem, path: elsewhere/artifacts }
    metadataStore: { flavor: local/sqlite, file: elsewhere/metadata.db }
`,
    });
    const first = await run(there);
    const second = await run(there, "--stack", "other");
    const refused = await there.tenon("run", "compare", first, second);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("RUNS_NOT_COMPARABLE");
    expect(refused.stderr).toContain("'other'");
    const unknown = await there.tenon("run", "compare", first, "01JZZZZZ");
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("RUN_UNKNOWN");
  });
});
