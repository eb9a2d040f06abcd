import { existsSync, rmSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { project } from "./project.js";
import { type Repository, repository } from "./repository.js";

// Each case starts several processes.
vi.setConfig({ testTimeout: 120_000 });

const clean = `export const normalise = (rows, by) => rows.map((row) => row / by);\n`;
const pipeline = `import { readFileSync } from "node:fs";
import { pipeline, step } from "@tenon/core";
import { normalise } from "./src/clean.mjs";
const load = step({
  name: "load",
  files: ["rows.json"],
  run: () => JSON.parse(readFileSync(new URL("./rows.json", import.meta.url), "utf8")),
});
const cleaned = step("clean", ({ rows, by }) => ({ rows: normalise(rows, by), from: "the first version" }));
export const numbers = pipeline("numbers", () => ({ rows: cleaned({ rows: load(), by: 2 }) }));
`;
const files = { "pipeline.mjs": pipeline, "src/clean.mjs": clean, "rows.json": "[1, 2, 3]" };

interface Reproduced {
  readonly runId: string;
  readonly commit: string;
  readonly directory: string;
  readonly same: boolean;
  readonly code: readonly { readonly step: string; readonly reference: string; readonly verdict: string }[];
  readonly artifacts: readonly {
    readonly step: string;
    readonly verdict: string;
    readonly difference?: string;
    readonly inputs?: readonly string[];
  }[];
}

async function ran(there: Repository, file = "pipeline.mjs"): Promise<string> {
  return (await there.json<{ id: string }>("run", file)).id;
}

const verdicts = ({ artifacts }: Reproduced) => artifacts.map(({ step, verdict }) => `${step}: ${verdict}`);

describe("tenon run reproduce", () => {
  test("runs the commit's code, whatever the working tree holds, and leaves every byte of it alone", async () => {
    const there = repository(files);
    const commit = there.git("rev-parse", "HEAD").trim();
    const id = await ran(there);
    there.commit({ "src/clean.mjs": clean.replace("/ by", "* by"), "rows.json": "[7]" });
    // Local changes, staged and not, and a file that is not tracked.
    there.project.write("pipeline.mjs", pipeline.replace("the first version", "the working tree"));
    there.project.write("src/clean.mjs", "throw new Error('the working tree was imported');\n");
    there.git("add", "src/clean.mjs");
    there.project.write("new.txt", "new");
    const before = there.content();

    const result = await there.json<Reproduced>("run", "reproduce", id);
    expect(there.content()).toEqual(before);
    expect(verdicts(result)).toEqual(["load: same", "clean: same"]);
    expect(result.same).toBe(true);
    expect(result.commit).toBe(commit);
    expect(result.code).toEqual([
      { step: "load", reference: `pipeline.mjs#load@${commit}`, verdict: "same", changes: [] },
      { step: "clean", reference: `pipeline.mjs#cleaned@${commit}`, verdict: "same", changes: [] },
    ]);

    // The checkout is used again, and the reproduction can itself be reproduced.
    const again = await there.json<Reproduced>("run", "reproduce", result.runId);
    expect([again.directory, again.same]).toEqual([result.directory, true]);
    const runs = await there.json<{ id: string; reproduces?: string; cache?: boolean }[]>("run", "list");
    expect(runs.map(({ reproduces }) => reproduces)).toEqual([result.runId, id, undefined]);
    expect(runs[0]?.cache).toBe(false);
  });

  test("works for a run whose code has been deleted since", async () => {
    const there = repository(files);
    const id = await ran(there);
    for (const name of ["pipeline.mjs", "src"]) rmSync(there.project.path(name), { recursive: true });
    there.commit();
    const result = await there.json<Reproduced>("run", "reproduce", id.slice(0, 12));
    expect(verdicts(result)).toEqual(["load: same", "clean: same"]);
  });

  test("does not become the latest version of anything, nor a result that the cache gives out", async () => {
    const there = repository(files);
    const id = await ran(there);
    await there.json("run", "reproduce", id);
    const latest = await there.json<{ name: string; version: string }[]>("artifact", "list");
    expect(latest.filter(({ name }) => name === "numbers.clean").map(({ version }) => version)).toEqual(["1"]);
    expect(latest.map(({ name }) => name)).toContain("reproduced.numbers.clean");
    const next = await there.json<{ outputs: Record<string, { name: string }> }>("run", "pipeline.mjs");
    expect(next.outputs.rows?.name).toBe("numbers.clean");
    expect((await there.json<{ pipeline: string }[]>("run", "list", "--pipeline", "numbers")).length).toBe(2);
  });

  test("says where an output begins to differ, and excuses steps that say that they are not deterministic", async () => {
    const there = repository({
      "pipeline.mjs": `import { existsSync } from "node:fs";
import { pipeline, step } from "@tenon/core";
const hidden = step("hidden", () => ({ rows: [1, existsSync(process.env.HIDDEN) ? 3 : 2] }));
const sum = step("sum", ({ from }) => from.rows[0] + from.rows[1]);
const time = step({ name: "time", deterministic: false, run: () => process.hrtime.bigint().toString() });
const longer = step("longer", ({ text }) => text + "!");
export const p = pipeline("p", () => ({ sum: sum({ from: hidden() }), text: longer({ text: time() }) }));
`,
    });
    const hidden = there.project.path(".tenon/hidden");
    process.env.HIDDEN = hidden;
    try {
      const id = await ran(there);
      expect(verdicts(await there.json<Reproduced>("run", "reproduce", id))).toEqual([
        "hidden: same",
        "sum: same",
        "time: not deterministic",
        "longer: not deterministic",
      ]);
      there.project.write(".tenon/hidden", "");
      const ended = await there.project.tenon("run", "reproduce", id);
      expect(ended.code).toBe(1);
      expect(ended.stdout).toContain("not reproduced");
      const result = await there.json<Reproduced>("run", "reproduce", id);
      expect(result.same).toBe(false);
      expect(result.artifacts[0]).toMatchObject({
        verdict: "different",
        difference: expect.stringContaining("$.rows[1]"),
      });
      expect(result.artifacts[1]).toMatchObject({ verdict: "different", inputs: ["from"] });
    } finally {
      delete process.env.HIDDEN;
    }
  });

  test("refuses a run whose code was not committed, and names the files; the run itself had warned of them", async () => {
    const there = repository(files);
    there.project.write("src/clean.mjs", clean.replace("/ by", "/ by + 1"));
    const ended = await there.project.tenon("run", "pipeline.mjs");
    expect(ended.stdout + ended.stderr).toMatch(/SOURCE_UNCOMMITTED.*src\/clean\.mjs/);
    expect(ended.stdout + ended.stderr).not.toMatch(/SOURCE_UNCOMMITTED.*pipeline\.mjs/);
    expect(ended.code).toBe(0);
    const refused = await there.project.tenon("run", "reproduce", "latest", "--json");
    expect(refused.code).toBe(1);
    const { error } = JSON.parse(refused.stderr);
    expect(error.code).toBe("RUN_NOT_REPRODUCIBLE");
    expect(error.found).toContain("src/clean.mjs");
    expect(existsSync(there.project.path(".tenon/checkouts"))).toBe(false);
  });

  test("refuses where there is no Git, where nothing is committed, and where the commit is gone", async () => {
    const bare = project(files);
    expect((await bare.tenon("run", "pipeline.mjs")).stderr).toBe("");
    expect(JSON.parse((await bare.tenon("run", "reproduce", "latest", "--json")).stderr).error).toMatchObject({
      code: "RUN_NOT_REPRODUCIBLE",
      found: expect.stringContaining("no Git repository"),
    });

    const there = repository(files);
    there.commit({ "src/clean.mjs": clean.replace("/ by", "/ by + 1") });
    const id = await ran(there);
    there.git("reset", "--hard", "--quiet", "HEAD~1");
    there.git("reflog", "expire", "--expire=now", "--all");
    there.git("gc", "--quiet", "--prune=now");
    expect(JSON.parse((await there.project.tenon("run", "reproduce", id, "--json")).stderr).error.code).toBe(
      "COMMIT_UNKNOWN",
    );
  });

  test("brings child processes of the steps to the commit's code too", async () => {
    const there = repository({
      ...files,
      "tenon.yaml": `project: test
stack: apart
stacks:
  apart:
    orchestrator: { flavor: local/local, isolation: process }
    artifactStore: { flavor: local/filesystem, path: store }
    metadataStore: local/sqlite
`,
      ".gitignore": "node_modules\n.tenon\nstore\n",
    });
    const id = await ran(there);
    there.project.write("src/clean.mjs", "throw new Error('the working tree was imported');\n");
    const result = await there.json<Reproduced>("run", "reproduce", id);
    expect(verdicts(result)).toEqual(["load: same", "clean: same"]);
  });

  test("takes packages of the workspace from the commit, not from the working tree", async () => {
    const there = repository({
      "packages/ours/package.json": JSON.stringify({
        name: "ours",
        version: "1.0.0",
        type: "module",
        main: "index.mjs",
      }),
      "packages/ours/index.mjs": "export const double = (x) => x * 2;\n",
      "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
import { double } from "ours";
const twice = step("twice", ({ x }) => double(x));
export const p = pipeline("p", () => ({ y: twice({ x: 21 }) }));
`,
    });
    const { symlinkSync } = await import("node:fs");
    symlinkSync(there.project.path("packages/ours"), there.project.path("node_modules/ours"), "dir");
    const id = await ran(there);
    there.project.write("packages/ours/index.mjs", "export const double = () => 'the working tree';\n");
    const result = await there.json<Reproduced>("run", "reproduce", id);
    expect(verdicts(result)).toEqual(["twice: same"]);
  });

  test("pins the steps of packages by their version", async () => {
    const there = repository({
      "pipeline.mjs": `import { pipeline } from "@tenon/core";
import { one } from "acme-steps";
export const p = pipeline("p", () => ({ y: one() }));
`,
    });
    there.project.install(
      "acme-steps",
      { version: "0.3.1", main: "index.js" },
      {
        "index.js": `import { step } from "@tenon/core"; export const one = step("one", () => 1);`,
      },
    );
    const id = await ran(there);
    const result = await there.json<Reproduced>("run", "reproduce", id);
    expect(result.code).toMatchObject([{ reference: "acme-steps/index.js#one@0.3.1", verdict: "same" }]);
    expect(result.same).toBe(true);
  });
});

describe("tenon run file@commit", () => {
  test("runs the pipeline as it was in a commit", async () => {
    const there = repository(files);
    there.commit({ "src/clean.mjs": clean.replace("/ by", "* by"), "rows.json": "[7]" });
    const before = there.content();
    const text = async (file: string) => {
      const run = await there.project.tenon("run", file);
      expect([run.code, run.stderr]).toEqual([0, ""]);
      return (await there.project.tenon("artifact", "load", "numbers.clean")).stdout;
    };
    expect(await text("pipeline.mjs@HEAD~1")).toContain("0.5");
    expect(there.content()).toEqual(before);
    expect(await text("pipeline.mjs")).toContain("14");
    const runs = await there.json<{ git: { commit: string; dirty: boolean } }[]>("run", "list");
    expect(runs[1]?.git).toEqual({ commit: there.git("rev-parse", "HEAD~1").trim(), dirty: false });
  });

  test("says which commits there are like the one that there is not", async () => {
    const there = repository(files);
    const { code, stderr } = await there.project.tenon("run", "pipeline.mjs@mian");
    expect(code).toBe(1);
    expect(stderr).toContain("COMMIT_UNKNOWN");
    expect(stderr).toContain("main");
  });
});
