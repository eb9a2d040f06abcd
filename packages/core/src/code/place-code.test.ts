import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isCodeSetting } from "../contracts/code-setting.js";
import { type Archive, packFiles } from "./archive.js";
import { bundleFiles } from "./bundle-files.js";
import { type PlaceOptions, placeCode } from "./place-code.js";

const made: string[] = [];
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true, force: true, maxRetries: 3 });
});

function directory(): string {
  made.push(realpathSync(mkdtempSync(join(tmpdir(), "tenon-place-"))));
  return made.at(-1) as string;
}

function write(top: string, files: Readonly<Record<string, string | object>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, name)), { recursive: true });
    writeFileSync(join(top, name), typeof content === "string" ? content : JSON.stringify(content));
  }
}

/** A workspace of npm whose project takes a package beside it, packed; nothing in it comes from a registry. */
async function workspace(says: string): Promise<Archive> {
  const top = directory();
  write(top, {
    "package.json": { name: "all", private: true, workspaces: ["apps/*", "libs/*"] },
    ".npmrc": "offline=true\n",
    "apps/one/package.json": { name: "one", version: "1.0.0", type: "module", dependencies: { greet: "1.0.0" } },
    "apps/one/main.js": 'import { greeting } from "greet";\nconsole.log(greeting);\n',
    "libs/greet/package.json": { name: "greet", version: "1.0.0", type: "module", exports: "./index.js" },
    "libs/greet/index.js": `export const greeting = ${JSON.stringify(says)};\n`,
  });
  execFileSync("npm", ["install", "--no-audit", "--no-fund"], { cwd: top, stdio: "pipe" });
  const reached = [join(top, "apps/one/main.js"), join(top, "libs/greet/index.js")];
  return packFiles(await bundleFiles(join(top, "apps/one"), reached));
}

function placing({ bytes, digest }: Archive, cache: string, fetched: string[] = []): PlaceOptions {
  const fetch = async () => {
    fetched.push(digest);
    return (async function* () {
      yield bytes;
    })();
  };
  return { digest, cache, runtime: cache, packages: "install", fetch };
}

const run = (place: string) => execFileSync(process.execPath, ["main.js"], { cwd: place, encoding: "utf8" }).trim();

describe("a bundle on a machine", () => {
  let first: Archive;
  let second: Archive;
  let damaged: Archive;
  beforeAll(async () => {
    [first, second] = await Promise.all([workspace("first"), workspace("second")]);
    const bytes = Buffer.from(first.bytes);
    bytes.write("FIRST", bytes.indexOf('"first"') + 1);
    damaged = { ...first, bytes };
  }, 120_000);

  test("of a workspace runs with its own packages, and what it takes of the workspace comes from the bundle", async () => {
    const cache = directory();
    const { directory: place, cached } = await placeCode(placing(first, cache));
    expect(cached).toBe(false);
    expect(place.endsWith("apps/one")).toBe(true);
    expect(run(place)).toBe("first");
    const other = await placeCode(placing(second, cache));
    expect(run(other.directory)).toBe("second");
    expect(run(place)).toBe("first");
    // They differ in their code, and in no manifest.
    expect([readdirSync(join(cache, "code")).length, readdirSync(join(cache, "packages")).length]).toEqual([2, 1]);
  }, 120_000);

  test("is fetched and installed once, however many want it at once", async () => {
    const cache = directory();
    const fetched: string[] = [];
    const placed = await Promise.all(Array.from({ length: 4 }, () => placeCode(placing(first, cache, fetched))));
    expect(fetched).toHaveLength(1);
    expect(placed.filter(({ cached }) => !cached)).toHaveLength(1);
    expect(new Set(placed.map(({ directory }) => directory)).size).toBe(1);
  }, 120_000);

  test("that is damaged is refused, and a whole one can follow", async () => {
    const cache = directory();
    await expect(placeCode(placing(damaged, cache))).rejects.toMatchObject({ code: "CODE_CORRUPT" });
    expect(readdirSync(join(cache, "code"))).toEqual([]);
    expect(existsSync(join(cache, "packages"))).toBe(false);
    expect(run((await placeCode(placing(first, cache))).directory)).toBe("first");
  }, 120_000);
});

describe("the setting code", () => {
  test.each(["shared", "bundle", { bundle: {} }, { bundle: { runtime: "/opt/tenon", packages: "runtime" } }])(
    "may be %j",
    (value) => expect(isCodeSetting(value)).toBe(true),
  );

  test.each([
    "shard",
    undefined,
    null,
    {},
    { bundle: { runtime: 3 } },
    { bundle: { cash: "/tmp" } },
    { bundle: { packages: "none" } },
    { bundle: {}, shared: {} },
  ])("may not be %j", (value) => expect(isCodeSetting(value)).toBe(false));
});
