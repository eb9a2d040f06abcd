import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

// Steps know their source by where they were made: that has to be seen in processes that no test runner has prepared.

// Each starts several processes.
vi.setConfig({ testTimeout: 120_000 });

let root: string;

const core = `
  export * from "SRC/pipeline/step.ts";
  export * from "SRC/pipeline/pipeline.ts";
  export * from "SRC/pipeline/find-step.ts";
  export * from "SRC/pipeline/load-module.ts";
  export * from "SRC/compiler/compile.ts";
`;

const steps = `
import { step, pipeline } from "@tenon/core";
import { z } from "zod";
import { make } from "./factory.EXT";

// A few lines, so that positions in a compiled file differ from those here.
export const direct = step("direct", ({ x }) => x + 1);
const hidden = step({ name: "hidden", params: z.object({ k: z.number().default(1) }), run: () => 1 });
const NAME = "comp" + "uted";
const computed = step(NAME, () => 2);
export const wrapped = make("wrapped", 3);
const other = make("other", 4);
export const table = { held: step("held", () => 5) };
const pair = [step("twin", () => 6), step("twin", () => 7)];
const looped = [1, 2].map((n) => step("looped", () => n));
export const inside = () => step("inside", () => 8);
export default step("fallback", () => 9);

export const all = (fallback) => pipeline("all", () => {
  direct({ x: 1 }); hidden(); computed(); wrapped(); other(); table.held(); inside()(); fallback();
  pair[0]({}, {}, { name: "twin1" }); pair[1]({}, {}, { name: "twin2" });
  looped[0]({}, {}, { name: "looped1" }); looped[1]({}, {}, { name: "looped2" });
});
`;

const main = `
import { compile } from "@tenon/core";
import fallback, { all } from "./steps.EXT";
const encode = async () => ({ digest: "sha256:" + "0".repeat(64), type: "json" });
const project = { name: "p", root: process.cwd(), stateDirectory: process.cwd() + "/.tenon" };
const { plan, code, warnings } = await compile(all(fallback), { project, encode, fingerprints: true });
console.log(JSON.stringify({
  steps: plan.steps.map((s) => [s.id, s.source.module + "#" + s.source.binding, s.fingerprint !== undefined]),
  fingerprints: plan.steps.map((s) => s.fingerprint),
  parts: plan.steps.map((s) => code.get(s.id).parts?.()),
  files: plan.steps.map((s) => code.get(s.id).files?.map((file) => file.slice(process.cwd().length + 1))),
  warnings: warnings.length,
}));
`;

const factory = `
import { step } from "@tenon/core";
export const make = (name, n) => step(name, () => n);
`;

const find = `
import { findStep } from "@tenon/core";
const sources = JSON.parse(process.argv[2]);
const found = [];
for (const source of sources) {
  try { found.push((await findStep(source, process.cwd())).name); } catch (error) { found.push(error.code); }
}
console.log(JSON.stringify(found));
`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "tenon-processes-"));
  const src = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
  const home = join(root, "node_modules/@tenon/core");
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, "package.json"),
    JSON.stringify({ name: "@tenon/core", version: "1.0.0", type: "module", exports: "./index.mjs" }),
  );
  writeFileSync(join(root, "core-entry.ts"), core.replaceAll("SRC", src));
  const build = await rolldown({
    input: join(root, "core-entry.ts"),
    platform: "node",
    external: (id) => /^(rolldown|tsx|yaml|node:)/.test(id),
    logLevel: "silent",
  });
  await build.write({ dir: home, entryFileNames: "index.mjs", format: "esm", chunkFileNames: "[name].mjs" });
  const require = createRequire(import.meta.url);
  for (const name of ["rolldown", "tsx", "yaml", "zod"]) {
    symlinkSync(dirname(require.resolve(`${name}/package.json`)), join(root, "node_modules", name));
  }
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  for (const extension of ["js", "ts"]) {
    mkdirSync(join(root, extension));
    // tsx resolves .js to .ts; a types-only line is what shifts positions.
    const lead = extension === "ts" ? "interface Unused {\n  readonly a: string;\n}\ntype More = Unused;\n" : "";
    for (const [name, text] of Object.entries({ steps, main, factory, find })) {
      writeFileSync(join(root, extension, `${name}.${extension}`), lead + text.replaceAll("EXT", "js"));
    }
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

async function node(directory: string, ...args: string[]): Promise<unknown> {
  const environment = { ...process.env };
  for (const name of ["VITEST", "NODE_OPTIONS", "VITEST_WORKER_ID", "VITEST_POOL_ID"]) delete environment[name];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: join(root, directory),
    env: environment,
  });
  return JSON.parse(stdout);
}

const expected = (extension: string) => [
  ["direct", `steps.${extension}#direct`, true],
  ["hidden", `steps.${extension}#hidden`, true],
  ["computed", `steps.${extension}#computed`, true],
  ["wrapped", `steps.${extension}#wrapped`, true],
  ["other", `steps.${extension}#other`, true],
  ["held", `steps.${extension}#table`, true],
  ["inside", `steps.${extension}#undefined`, false],
  ["fallback", `steps.${extension}#default`, true],
  ["twin1", `steps.${extension}#undefined`, false],
  ["twin2", `steps.${extension}#undefined`, false],
  ["looped1", `steps.${extension}#undefined`, false],
  ["looped2", `steps.${extension}#undefined`, false],
];

test("steps are found by position in JavaScript that Node runs", async () => {
  const first = (await node("js", "main.js")) as Record<string, unknown[]>;
  expect(first.steps).toEqual(expected("js"));
  expect(first.warnings).toBe(3);
  expect(await node("js", "main.js")).toEqual(first);
});

test("what a fingerprint is made of is known by name, and which files the code is in", async () => {
  interface Taken {
    fingerprints: (string | null)[];
    parts: ({ code: Record<string, string> } | null)[];
    files: (string[] | null)[];
  }
  const take = async () => (await node("js", "main.js")) as Taken;
  const before = await take();
  const path = join(root, "js/factory.js");
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace("() => n", "() => n + 1"));
  const after = await take();
  writeFileSync(path, text);
  const changed = before.fingerprints.flatMap((one, index) => {
    if (!one || one === after.fingerprints[index]) return [];
    const [old = {}, now = {}] = [before.parts[index]?.code, after.parts[index]?.code];
    return [Object.keys(now).filter((name) => old[name] !== now[name])];
  });
  // Calls of the factory stay in all steps of the module: nobody knows what it does.
  expect(changed.length).toBeGreaterThan(3);
  expect(new Set(changed.flat())).toEqual(new Set(["make in factory.js"]));
  expect(before.files[0]?.sort()).toEqual(["factory.js", "steps.js"]);
  expect(before.files[6]).toBeNull();
});

test("steps are found by position in TypeScript that tsx runs", async () => {
  const result = (await node("ts", "--import", "tsx", "main.ts")) as Record<string, unknown>;
  expect(result.steps).toEqual(expected("ts"));
});

test("steps are found by position in TypeScript that plain Node imports through Tenon", async () => {
  const script = 'import { importModule } from "@tenon/core"; await importModule(process.cwd() + "/main.ts");';
  writeFileSync(join(root, "ts/import.mjs"), script);
  const result = (await node("ts", "import.mjs")) as Record<string, unknown>;
  expect(result.steps).toEqual(expected("ts"));
});

test("a step is found again in a fresh process, exported or not", async () => {
  const names = ["direct", "hidden", "computed", "wrapped", "other", "held", "fallback"];
  for (const extension of ["js", "ts"]) {
    const sources = expected(extension).map(([, source]) => {
      const [module, binding] = String(source).split("#");
      return { module, ...(binding === "undefined" ? {} : { binding }) };
    });
    const asked = ["direct", "hidden", "computed", "wrapped", "other", "held", "inside", "fallback", "twin"].map(
      (name, i) => ({ ...sources[i], name }),
    );
    const found = await node(
      extension,
      ...(extension === "ts" ? ["--import", "tsx", "find.ts"] : ["find.js"]),
      JSON.stringify(asked),
    );
    const failed = "STEP_NOT_FOUND_AGAIN";
    expect(found).toEqual([...names.slice(0, 6), failed, "fallback", failed]);
  }
});

test("plain Node finds a step of a TypeScript module", async () => {
  cpSync(join(root, "js/find.js"), join(root, "ts/plain.mjs"));
  const asked = [
    { module: "steps.ts", binding: "hidden", name: "hidden" },
    { module: "steps.ts", binding: "hiden", name: "hiden" },
    { module: "gone.ts", binding: "a", name: "a" },
  ];
  expect(await node("ts", "plain.mjs", JSON.stringify(asked))).toEqual([
    "hidden",
    "STEP_NOT_FOUND_AGAIN",
    "STEP_NOT_FOUND_AGAIN",
  ]);
});
