import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadedModules, packagesOf } from "./loaded-modules.js";
import { install, installedPackages, type Manager, pack, packed, prebuiltSqlite } from "./packed.js";
import { execute } from "./project.js";

const scratch = mkdtempSync(join(tmpdir(), "tenon-packed-"));
const made = [scratch];
let tarballs: Record<string, string>;
let prebuilt: string;

beforeAll(async () => {
  tarballs = await pack(scratch);
  prebuilt = await prebuiltSqlite(mkdtempSync(join(scratch, "sqlite-")));
});
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

const files = {
  "tenon.yaml": `project: installed
stacks:
  scratch:
    orchestrator: { flavor: local }
    artifactStore: { flavor: scratch/scratch }
    metadataStore: { flavor: sqlite }
`,
  "pipeline.mjs": `import { pipeline, step } from "@tenon/core";
import { z } from "zod";
import { url } from "tenon-integration-scratch";

const parse = step({ name: "parse", inputs: { text: z.string() }, output: url, run: ({ text }) => new URL(text) });
const host = step({ name: "host", inputs: { link: url }, output: z.string(), run: ({ link }) => link.host });
export const links = pipeline("links", () => ({ host: host({ link: parse({ text: "https://example.org/a" }) }) }));
`,
};

async function makeProject(manager: Manager): Promise<string> {
  const directory = await install(manager, tarballs, prebuilt);
  made.push(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

describe.each<Manager>(["npm", "pnpm", "yarn"])("packed packages, installed by %s into an empty project", (manager) => {
  let directory: string;
  let tenon: string;
  beforeAll(async () => {
    directory = await makeProject(manager);
    tenon = join(directory, "node_modules/tenon/bin/tenon.js");
  });

  test("nothing is installed but what the packages declare, and they declare little", () => {
    const direct = [...Object.keys(packed), "zod"].flatMap((name) => {
      const { dependencies = {} } = JSON.parse(
        readFileSync(join(directory, "node_modules", name, "package.json"), "utf8"),
      );
      return Object.keys(dependencies);
    });
    expect([...new Set(direct)].sort()).toEqual(["@keyv/sqlite", "keyv", "rolldown", "tsx"]);
    const installed = installedPackages(directory);
    expect(installed).toEqual(expect.arrayContaining([...Object.keys(packed), "zod"]));
    // Bundled into core, used by the workspace only, or an SDK that no run here needs.
    const unwanted =
      /tsyringe|tapable|reflect-metadata|typescript|vitest|biome|aws-sdk|google-cloud|azure|tensorflow|semver$/;
    const ofSqlite = ["semver"]; // node-gyp and prebuild-install, which sqlite3 brings, use it
    expect(installed.filter((name) => unwanted.test(name) && !ofSqlite.includes(name))).toEqual([]);
  });

  test("the third-party integration is found by name", async () => {
    const { code, stdout, stderr } = await execute(process.execPath, [tenon, "integration", "list", "--json"], {
      cwd: directory,
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain('"scratch"');
  });

  test("a pipeline runs on it, and loads only what this run uses", async () => {
    const modules = await loadedModules([tenon, "run", "pipeline.mjs", "--stack", "scratch"], { cwd: directory });
    const names = packagesOf(modules).filter((name) => !name.startsWith("file:") && !name.startsWith("/"));
    for (const used of ["@tenon/core", "@tenon/plugin-local", "tenon", "tenon-integration-scratch", "zod", "sqlite3"]) {
      expect(names).toContain(used);
    }
    expect(names.filter((name) => /^(tsx|esbuild|@esbuild\/.*|node-gyp|prebuild-install)$/.test(name))).toEqual([]);
    const own = modules.filter((name) => /node_modules\/(@tenon\/|tenon)/.test(name));
    expect(own.length).toBeLessThanOrEqual(70);
  });

  test("a second copy of core is refused", async () => {
    const copy = mkdtempSync(join(scratch, "duplicate-"));
    const core = createRequire(join(directory, "package.json")).resolve("@tenon/core/package.json");
    cpSync(join(core, ".."), join(copy, "core"), { recursive: true, dereference: true });
    writeFileSync(
      join(directory, "two.mjs"),
      `await import("@tenon/core"); await import(${JSON.stringify(join(copy, "core/dist/index.js"))});`,
    );
    const { code, stderr } = await execute(process.execPath, ["two.mjs"], { cwd: directory });
    expect(stderr).toContain("CORE_DUPLICATE");
    expect(code).not.toBe(0);
  });
});

describe("packed packages, installed by Yarn with Plug'n'Play", () => {
  test("work, or are refused with PNP_UNSUPPORTED", async () => {
    const directory = await makeProject("yarn with Plug'n'Play");
    const argv = ["--require", "./.pnp.cjs", "--loader", "./.pnp.loader.mjs"];
    writeFileSync(
      join(directory, "start.mjs"),
      `import { run, TenonError } from "@tenon/core"; import { links } from "./pipeline.mjs";
       try { const done = await run(links); console.log("ran", await done.outputs.host.load()); }
       catch (error) { console.log(error.code, error.message); }`,
    );
    const { stdout } = await execute(process.execPath, [...argv, "start.mjs"], { cwd: directory });
    expect(stdout).toMatch(/^ran example\.org|^PNP_UNSUPPORTED /);
  });
});
