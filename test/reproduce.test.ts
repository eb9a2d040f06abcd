import { spawn } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { project } from "./project.js";
import { Repository, repository } from "./repository.js";
import { workspace } from "./sources.js";

// Each case starts several processes.
vi.setConfig({ testTimeout: 120_000 });

const tenonProgram = join(workspace, "packages/cli/bin/tenon.js");
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

  test("is cancelled by Ctrl-C while its code runs, and by a signal before", async () => {
    const there = repository({
      "pipeline.mjs": `import { existsSync, writeFileSync } from "node:fs";
import { pipeline, step } from "@tenon/core";
const slow = step({ name: "slow", env: ["SLOW"], run: (_, { signal }) => {
  if (!existsSync(process.env.SLOW)) return 1;
  writeFileSync(process.env.SLOW + ".started", "");
  return new Promise((_, reject) => {
    const timer = setInterval(() => {}, 1000);
    signal.addEventListener("abort", () => { clearInterval(timer); reject(signal.reason); });
  });
} });
export const p = pipeline("p", () => ({ y: slow() }));
`,
    });
    const flag = there.project.path(".tenon/slow");
    process.env.SLOW = flag;
    try {
      const id = await ran(there);
      writeFileSync(flag, "");
      const child = spawn(process.execPath, [tenonProgram, "run", "reproduce", id], {
        cwd: there.project.directory,
        stdio: "ignore",
      });
      const ended = new Promise((resolve) => child.on("exit", resolve));
      await vi.waitUntil(() => existsSync(`${flag}.started`), { timeout: 60_000, interval: 50 });
      child.kill("SIGINT");
      expect(await ended).toBe(130);
      const runs = await there.json<{ status: string; reproduces?: string }[]>("run", "list");
      expect(runs[0]).toMatchObject({ status: "cancelled", reproduces: id });
    } finally {
      delete process.env.SLOW;
    }
    const { reproduce } = await import("@tenon/core");
    const early = reproduce("latest", { directory: there.project.directory, signal: AbortSignal.abort() });
    await expect(early).rejects.toMatchObject({ code: "RUN_CANCELLED" });
  });

  test("gathers many uncommitted files by their directories in the warning", async () => {
    const there = repository(files);
    const names = Array.from({ length: 12 }, (_, index) => `part${index}`);
    for (const name of names) there.project.write(`src/parts/${name}.mjs`, `export const ${name} = 1;\n`);
    const imports = names.map((name) => `import { ${name} } from "./parts/${name}.mjs";\n`).join("");
    const used = clean.replace("/ by", `/ (by * ${names.join(" * ")})`);
    there.project.write("src/clean.mjs", `${imports}${used}`);
    const { stdout, stderr } = await there.project.tenon("run", "pipeline.mjs");
    expect(stdout + stderr).toMatch(/SOURCE_UNCOMMITTED.*are: src\/clean\.mjs, src\/parts \(12 files\)\./);
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

describe("what a reproduction rests on", () => {
  test("references mean what they meant then, and the models of the run stay as they are", async () => {
    const there = repository({
      "train.mjs": `import { pipeline, step } from "@tenon/core";
const fit = step("fit", ({ seed }, { model }) => {
  model?.metadata({ seed });
  return { weight: seed };
});
export const train = pipeline({ name: "train", params: SEED, model: { name: "scales" }, body: ({ params }) => ({ model: fit({ seed: params.seed }) }) });
`
        .replace("SEED", "z.object({ seed: z.number() })")
        .replace('from "@tenon/core";', 'from "@tenon/core";\nimport { z } from "zod";'),
      "predict.mjs": `import { Client, pipeline, step } from "@tenon/core";
const client = new Client();
const weigh = step("weigh", ({ model, latest }) => [model.weight, latest.weight]);
export const predict = pipeline("predict", () => ({
  weights: weigh({ model: client.model("scales").artifact("train.fit"), latest: client.artifact("train.fit") }),
}));
`,
    });
    const train = (seed: number) => there.json("run", "train.mjs", "--param", `seed=${seed}`);
    await train(1);
    const id = await ran(there, "predict.mjs");
    const trained = (await there.json<{ id: string }[]>("run", "list", "--pipeline", "train"))[0]?.id ?? "";
    await train(2);
    const result = await there.json<Reproduced>("run", "reproduce", id);
    expect(verdicts(result)).toEqual(["weigh: same"]);
    expect((await there.json<Reproduced>("run", "reproduce", trained)).same).toBe(true);
    // A new run means what there is now: the reproduction has not made a newer version of the model.
    await there.json("run", "predict.mjs");
    expect((await there.project.tenon("artifact", "load", "predict.weigh")).stdout).toMatch(/2,\s*2/);
  });

  test("code that is found by names known only at run time is pinned only if nothing at all is uncommitted", async () => {
    const there = repository({
      "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
const any = step("any", async ({ name }) => (await import(name)).default);
export const p = pipeline("p", () => ({ y: any({ name: "./part.mjs" }) }));
`,
      "part.mjs": "export default 1;\n",
    });
    interface Shown {
      readonly sources: readonly { readonly pinned: boolean; readonly because?: string }[];
    }
    there.project.write("loose.mjs", "export default 2;\n");
    await ran(there);
    expect((await there.json<Shown>("run", "show")).sources).toMatchObject([
      { pinned: false, because: expect.stringContaining("known only when it runs") },
    ]);
    there.commit();
    await there.json("run", "pipeline.mjs", "--no-cache");
    expect((await there.json<Shown>("run", "show")).sources).toMatchObject([{ pinned: true }]);
  });

  test("a plan is the same bytes with Git and without", async () => {
    const [there, bare] = [repository(files), project(files)];
    const { plan } = await there.json<{ plan: string }>("run", "pipeline.mjs");
    expect(JSON.parse((await bare.tenon("run", "pipeline.mjs", "--json")).stdout).plan).toBe(plan);
  });

  test("packages that are not those of the commit are named, used all the same, and replaced with --install", async () => {
    const lockfile = (version: string) =>
      JSON.stringify({
        name: "test-project",
        lockfileVersion: 3,
        packages: { "": { name: "test-project" }, "node_modules/left": { version } },
      });
    const left = (version: string) =>
      [
        "left",
        { version, main: "index.js" },
        { "index.js": `export const left = (text) => "${version} " + text;` },
      ] as const;
    const project_ = project({
      "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
import { left } from "left";
const pad = step("pad", () => left("text"));
export const p = pipeline("p", () => ({ text: pad() }));
`,
      "package-lock.json": lockfile("1.0.0"),
    });
    project_.install(...left("1.0.0"));
    const installed = (version: string) =>
      project_.write(
        "node_modules/.package-lock.json",
        JSON.stringify({ lockfileVersion: 3, packages: { "node_modules/left": { version } } }),
      );
    installed("1.0.0");
    const there = new Repository(project_);
    const id = await ran(there);
    project_.install(...left("2.0.0"));
    installed("2.0.0");
    there.commit({ "package-lock.json": lockfile("2.0.0") });

    const told = await project_.tenon("run", "reproduce", id);
    expect(told.code).toBe(1);
    expect(told.stderr).toContain("left: the commit wants 1.0.0, the project has 2.0.0");
    expect(told.stdout).toContain("left 1.0.0 → 2.0.0");

    // A package manager in its place, which installs what the lockfile of its working directory names.
    project_.write(
      ".tenon/bin/npm",
      `#!/usr/bin/env node
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
const { version } = JSON.parse(readFileSync("package-lock.json", "utf8")).packages["node_modules/left"];
if (process.argv[2] !== "ci") process.exit(1);
mkdirSync("node_modules/left", { recursive: true });
for (const name of ["@tenon", "tenon", "zod"]) cpSync(${JSON.stringify(project_.path("node_modules"))} + "/" + name, "node_modules/" + name, { recursive: true, verbatimSymlinks: true });
writeFileSync("node_modules/left/package.json", JSON.stringify({ name: "left", version, type: "module", main: "index.js" }));
writeFileSync("node_modules/left/index.js", "export const left = (text) => " + JSON.stringify(version + " ") + " + text;");
`,
    );
    chmodSync(project_.path(".tenon/bin/npm"), 0o755);
    const { PATH } = process.env;
    process.env.PATH = `${project_.path(".tenon/bin")}${delimiter}${PATH}`;
    try {
      const result = await there.json<Reproduced>("run", "reproduce", id, "--install");
      expect([result.same, result.code[0]?.verdict]).toEqual([true, "same"]);
    } finally {
      process.env.PATH = PATH;
    }
    // Once installed it stays so.
    expect((await there.json<Reproduced>("run", "reproduce", id)).same).toBe(true);
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
