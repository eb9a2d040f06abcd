import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { farLauncher, farName, installFarLauncher } from "./far-launcher.js";
import { execute, type Project, project } from "./project.js";
import { vendored } from "./vendored.js";

const steps = `
import { readFileSync } from "node:fs";
import { step } from "@tenon/core";
import { scale } from "./src/scale.js";
export const load = step("load", (): number[] => JSON.parse(readFileSync(new URL("./data/numbers.json", import.meta.url), "utf8")));
export const sum = step("sum", ({ values }: { values: number[] }) => ({
  total: scale(values.reduce((all, value) => all + value, 0)),
}));
export const where = step({ name: "where", cache: false, run: () => ({ directory: process.cwd(), variables: Object.keys(process.env).sort() }) });
`;

const pipelines = `
import { pipeline, step } from "@tenon/core";
import { load, sum, where } from "./steps.ts";
export const totals = pipeline("totals", () => ({ total: sum({ values: load({}) }), where: where({}) }));
`;

interface FarOptions {
  readonly code?: object | string;
  readonly settings?: object;
  readonly files?: Readonly<Record<string, string>>;
}

/** A project, its stores, a runtime and a cache, each in a directory of its own. */
function far({ code = {}, settings = {}, files = {} }: FarOptions = {}) {
  const shared = project();
  const runtime = project();
  const cache = shared.path("cache");
  const setting = typeof code === "string" ? code : { bundle: { runtime: runtime.directory, cache, ...code } };
  const made = project({
    "steps.ts": steps,
    "src/scale.ts": "export const scale = (value: number): number => value * 2;\n",
    "src/unrelated.ts": "export const nothing = 1;\n",
    "data/numbers.json": JSON.stringify(Array.from({ length: 100 }, (_, index) => index)),
    "pipeline.ts": pipelines,
    "tenon.yaml": `project: test
stacks:
  far:
    orchestrator: ${JSON.stringify({ flavor: "far/far", code: setting, ...settings })}
    artifactStore: { flavor: local/filesystem, path: ${JSON.stringify(shared.path("artifacts"))} }
    metadataStore: { flavor: local/sqlite, file: ${JSON.stringify(shared.path("metadata.sqlite"))} }
`,
    ...files,
  });
  installFarLauncher(made);
  const bundles = () => {
    const objects = readdirSync(shared.path("artifacts"), { recursive: true }) as string[];
    return objects.filter((name) => name.endsWith(".tar")).map((name) => shared.path("artifacts", name));
  };
  const kept = (what: string) => (existsSync(join(cache, what)) ? readdirSync(join(cache, what)) : []);
  return { made, shared, runtime, cache, bundles, kept };
}

interface Job {
  readonly code: number;
  readonly text: string;
}

function tenon(made: Project, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const own = made.path("node_modules/tenon/bin/tenon.js");
  return execute(process.execPath, [own, ...argv], { cwd: made.directory, env });
}

/** `tenon run pipeline.ts`, with what the jobs of the stack `far` said. */
async function run(made: Project, stack: string, env: Readonly<Record<string, string>> = {}, ...more: string[]) {
  const log = join(made.directory, "..", `${createHash("sha256").update(made.directory).digest("hex")}.log`);
  writeFileSync(log, "");
  const argv = ["run", "pipeline.ts", "--stack", stack, "--json", ...more];
  const ended = await tenon(made, argv, { FAR_LOG: log, ...env });
  const lines = readFileSync(log, "utf8").split("\n");
  rmSync(log);
  const jobs = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Job);
  const report = ended.stdout.startsWith("{") ? (JSON.parse(ended.stdout) as Report) : undefined;
  return { ...ended, jobs, report };
}

interface Report {
  readonly status: string;
  readonly plan: string;
  readonly outputs: Readonly<Record<string, { readonly digest: string; readonly uri: string }>>;
}

/** The latest artifact of that name on the stack `far`. */
async function latest(made: Project, name: string): Promise<unknown> {
  const { stdout, stderr } = await tenon(made, ["artifact", "load", name, "--stack", "far", "--json"]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

describe("code that travels as a bundle", () => {
  test("runs with an empty environment while the project is away, and makes what a local run makes", async () => {
    const { made, cache, kept, bundles } = far();
    const local = await run(made, "local");
    const { report, stderr, jobs } = await run(made, "far");
    expect(report?.status, stderr).toBe("succeeded");
    expect(report?.plan).toBe(local.report?.plan);
    expect(report?.outputs.total?.digest).toBe(local.report?.outputs.total?.digest);
    expect(jobs.map(({ code, text }) => [code, text])).toEqual([
      [0, ""],
      [0, ""],
      [0, ""],
    ]);
    const where = (await latest(made, "totals.where")) as { directory: string; variables: string[] };
    expect(where.directory.startsWith(join(cache, "code"))).toBe(true);
    expect(where.variables.filter((name) => !name.startsWith("TENON_"))).toEqual([]);
    // Two jobs started at once, and a third: one of them has unpacked it, and nothing half made is left.
    expect(kept("code")).toHaveLength(1);
    expect(bundles()).toHaveLength(1);
    expect(existsSync(made.path("steps.ts"))).toBe(true);
  });

  test("is stored and unpacked again only if what the steps reach has changed", async () => {
    const { made, kept, bundles, cache } = far();
    await run(made, "far");
    const first = kept("code");
    const marked = join(cache, "code", first[0] as string, "marked");
    writeFileSync(marked, "");
    made.write("src/unrelated.ts", "export const nothing = 2;\n");
    expect((await run(made, "far", {}, "--no-cache")).report?.status).toBe("succeeded");
    expect([kept("code"), bundles().length, existsSync(marked)]).toEqual([first, 1, true]);
    made.write("src/scale.ts", "export const scale = (value: number): number => value * 3;\n");
    await run(made, "far");
    expect(await latest(made, "totals.sum")).toEqual({ total: 14850 });
    expect([kept("code").length, bundles().length]).toEqual([2, 2]);
  });

  test("is refused if its stored bytes are damaged, and no step runs or is tried again", async () => {
    const { made, bundles, cache } = far();
    await run(made, "far");
    rmSync(cache, { recursive: true });
    const [bundle] = bundles() as [string];
    const bytes = readFileSync(bundle);
    const place = bytes.indexOf("value * 2");
    bytes.write("value * 9", place);
    writeFileSync(bundle, bytes);
    const { code, jobs, stdout, stderr } = await run(made, "far", {}, "--no-cache");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("CODE_CORRUPT");
    expect(jobs.map((job) => job.code)).toEqual(jobs.map(() => 10));
    expect(existsSync(join(cache, "code")) ? readdirSync(join(cache, "code")) : []).toEqual([]);
  });

  test("that the machines' artifact store does not have is missed with what to do about it", async () => {
    const { made, shared } = far();
    made.write("tenon.yaml", made.read("tenon.yaml").replace(/path: "[^"]*"/, "path: artifacts"));
    const { code, stdout, stderr } = await run(made, "far");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("Use an artifact store that all machines reach");
    expect(existsSync(shared.path("artifacts"))).toBe(false);
  });

  test("gets the packages of its lockfile, installed once for all code that has the same one", async () => {
    const { made, kept } = far({
      // Its Tenon is that of the process that submits.
      settings: { away: false },
      files: {
        "steps.ts": steps
          .replace('"@tenon/core";', '"@tenon/core";\nimport { greet } from "greet";')
          .replace("total: scale(", "greeting: greet(), total: scale("),
      },
    });
    const greet = {
      manifest: { exports: "./index.js" },
      files: { "index.js": "export const greet = () => 'from the lockfile';\n" },
    };
    await vendored(made, { greet, [farName]: farLauncher() });
    const first = await run(made, "far");
    expect(first.report?.status, first.stderr + first.stdout).toBe("succeeded");
    expect(await latest(made, "totals.sum")).toEqual({ greeting: "from the lockfile", total: 9900 });
    expect(kept("packages")).toHaveLength(1);
    made.write("src/scale.ts", "export const scale = (value: number): number => value * 3;\n");
    const second = await run(made, "far");
    expect(second.report?.status, second.stderr).toBe("succeeded");
    expect(await latest(made, "totals.sum")).toEqual({ greeting: "from the lockfile", total: 14850 });
    expect([kept("packages").length, kept("code").length]).toEqual([1, 2]);
  }, 600_000);

  test("whose packages cannot be installed fails with what the installer said", async () => {
    const { made, kept } = far();
    made.write("package-lock.json", JSON.stringify({ name: "test-project", lockfileVersion: 3, packages: {} }));
    made.write(".npmrc", "offline=true\n");
    const { code, stdout, stderr } = await run(made, "far");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("CODE_NOT_INSTALLED");
    expect(stdout + stderr).toContain("npm ci");
    expect(stdout + stderr).toMatch(/npm (error|ERR!)/);
    expect([kept("packages"), kept("code")]).toEqual([[], []]);
  });

  test("gets the runtime's packages, lockfile or not, where the machines are not to install", async () => {
    const { made, kept } = far({ code: { packages: "runtime" } });
    made.write("package-lock.json", JSON.stringify({ name: "test-project", lockfileVersion: 3, packages: {} }));
    const { report, stderr } = await run(made, "far");
    expect(report?.status, stderr).toBe("succeeded");
    expect(kept("packages")).toEqual([]);
  });

  test("that lists modules under a wrong setting is refused before anything is submitted", async () => {
    const { made } = far({ code: { runtime: "/opt/tenon", registry: "x" } });
    const { code, stdout, stderr } = await run(made, "far");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/it has to be .*shared.*bundle/);
  });
});

describe("a machine with other code than the run's", () => {
  const tampered = (text: string) =>
    far({ code: "shared", settings: { away: false, tamper: { file: "src/scale.ts", text } } });

  test("refuses to run a step, and is not asked again", async () => {
    const { made } = tampered("const before = scale;\n");
    made.write(
      "steps.ts",
      steps.replace('step("sum", (', 'step({ name: "sum", retries: 3, run: (').replace("0)),\n}));", "0)),\n}) });"),
    );
    made.write("src/scale.ts", "export let scale = (value: number): number => value * 2;\n");
    made.write("tenon.yaml", made.read("tenon.yaml").replace("const before = scale;", "scale = (value) => value * 9;"));
    const { code, jobs, stdout, stderr } = await run(made, "far");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("CODE_DIFFERENT");
    expect(jobs.map((job) => job.code).sort()).toEqual([0, 0, 10]);
  });

  test("runs it if only comments differ", async () => {
    const { made } = tampered("// A remark.\n");
    const { report, stderr } = await run(made, "far");
    expect(report?.status, stderr).toBe("succeeded");
  });

  test("refuses if a variable that counts is not what it was, and says which is missing", async () => {
    const files = {
      "steps.ts": steps
        .replace('step("load", (', 'step({ name: "load", env: ["MODE"], run: (')
        .replace('"utf8")));', '"utf8")) });'),
    };
    const without = far({ files });
    const refused = await run(without.made, "far", { MODE: "fast" });
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain("MODE is not set");
    const having = far({ files, settings: { environment: { MODE: "fast" } } });
    const { report, stderr } = await run(having.made, "far", { MODE: "fast" });
    expect(report?.status, stderr).toBe("succeeded");
  });
});
