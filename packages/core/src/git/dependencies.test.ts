import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compareDependencies } from "./dependencies.js";
import { lockfileState } from "./lockfile.js";

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "tenon-dependencies-"));
});
afterEach(() => rm(place, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  const file = join(place, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

const compare = () => compareDependencies(join(place, "project"), join(place, "checkout"), { project: place });

describe("the lockfile of a directory", () => {
  test("is found above it, and its digest does not mind line ends", async () => {
    write("workspace/yarn.lock", "a\nb\n");
    write("windows/yarn.lock", "a\r\nb\r\n");
    const found = await lockfileState(join(place, "workspace/packages/a"), place);
    const other = await lockfileState(join(place, "windows"), place);
    expect(found).toMatchObject({ manager: "yarn", file: "yarn.lock", directory: join(place, "workspace") });
    expect(found?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(other?.digest).toBe(found?.digest);
  });

  test("is not looked for above the given top", async () => {
    write("yarn.lock", "");
    expect(await lockfileState(join(place, "a/b"), join(place, "a"))).toBeUndefined();
  });
});

describe("npm", () => {
  const lock = (packages: Record<string, object>) => ({ lockfileVersion: 3, packages: { "": {}, ...packages } });

  test("names packages that are installed in another version, missing, or there without being wanted", async () => {
    write(
      "checkout/package-lock.json",
      lock({
        "node_modules/same": { version: "1.0.0" },
        "node_modules/@scope/other": { version: "2.0.0" },
        "node_modules/same/node_modules/deep": { version: "3.0.0" },
        "node_modules/missing": { version: "1.0.0" },
        "node_modules/another-platform": { version: "1.0.0", optional: true },
        "node_modules/test-runner": { version: "1.0.0", dev: true },
        "node_modules/workspace": { resolved: "packages/workspace", link: true },
        "packages/workspace": { version: "1.0.0" },
      }),
    );
    for (const [name, version] of [
      ["same", "1.0.0"],
      ["@scope/other", "2.1.0"],
      ["same/node_modules/deep", "3.0.1"],
      ["extra", "9.0.0"],
    ]) {
      write(`project/node_modules/${name}/package.json`, { version });
    }
    expect(await compare()).toMatchObject({
      project: undefined,
      checkout: { manager: "npm" },
      sameLockfile: false,
      comparedWith: "installed",
      differences: [
        { name: "@scope/other", wanted: ["2.0.0"], installed: ["2.1.0"] },
        { name: "deep", wanted: ["3.0.0"], installed: ["3.0.1"] },
        { name: "extra", wanted: [], installed: ["9.0.0"] },
        { name: "missing", wanted: ["1.0.0"], installed: [] },
      ],
    });
  });

  test("finds a package that was changed in node_modules although both lockfiles are equal", async () => {
    for (const side of ["project", "checkout"]) {
      write(`${side}/package-lock.json`, lock({ "node_modules/a": { version: "1.0.0" } }));
    }
    write("project/node_modules/a/package.json", { version: "1.0.1" });
    expect(await compare()).toMatchObject({ sameLockfile: true, differences: [{ name: "a" }] });
  });

  test("reads lockfiles of npm 6", async () => {
    const dependencies = { a: { version: "1.0.0", dependencies: { b: { version: "2.0.0" } } } };
    write("checkout/package-lock.json", { lockfileVersion: 1, dependencies });
    write("project/node_modules/a/package.json", { version: "1.0.0" });
    expect((await compare()).differences).toEqual([{ name: "b", wanted: ["2.0.0"], installed: [] }]);
  });
});

describe("pnpm", () => {
  test("compares with what pnpm says that it has installed, peers and platforms aside", async () => {
    const lock = (version: string, more = "") =>
      `lockfileVersion: '9.0'\npackages:\n  '@scope/a@${version}':\n    resolution: {}\n  b@1.0.0:\n    resolution: {}\n${more}`;
    const darwin = "  fsevents@2.3.3:\n    os: [darwin]\nsnapshots:\n  fsevents@2.3.3:\n    optional: true\n";
    write("checkout/pnpm-lock.yaml", lock("2.0.0", darwin));
    write("project/pnpm-lock.yaml", lock("2.0.0", darwin));
    write("project/node_modules/.pnpm/lock.yaml", lock("2.1.0"));
    expect(await compare()).toMatchObject({
      sameLockfile: true,
      comparedWith: "installed",
      differences: [{ name: "@scope/a", wanted: ["2.0.0"], installed: ["2.1.0"] }],
    });
  });

  test.each([
    ["6.0", "/a@1.0.0(b@2.0.0)", "/@s/c@3.0.0"],
    ["5.4", "/a/1.0.0_b@2.0.0", "/@s/c/3.0.0"],
  ])("reads the keys of format %s", async (version, first, second) => {
    write("checkout/pnpm-lock.yaml", `lockfileVersion: ${version}\npackages:\n  ${first}: {}\n  '${second}': {}\n`);
    expect((await compare()).differences).toEqual([
      { name: "@s/c", wanted: ["3.0.0"], installed: [] },
      { name: "a", wanted: ["1.0.0"], installed: [] },
    ]);
  });
});

describe("others", () => {
  test("Yarn's lockfiles are compared with each other, of either format", async () => {
    write(
      "checkout/yarn.lock",
      `# yarn lockfile v1\n\n"@s/a@^1.0.0", "@s/a@^1.1.0":\n  version "1.1.0"\n\nb@^2:\n  version "2.0.0"\n`,
    );
    write(
      "project/yarn.lock",
      `__metadata:\n  version: 8\n\n"@s/a@npm:^1.0.0":\n  version: 1.2.0\n\n"b@npm:^2":\n  version: 2.0.0\n`,
    );
    expect(await compare()).toMatchObject({
      comparedWith: "lockfile",
      differences: [{ name: "@s/a", wanted: ["1.1.0"], installed: ["1.2.0"] }],
    });
  });

  test("bun's are compared by digest only, and without any lockfile nothing is", async () => {
    expect(await compare()).toMatchObject({ sameLockfile: true, comparedWith: "nothing", differences: [] });
    write("checkout/bun.lock", "{}");
    expect(await compare()).toMatchObject({ sameLockfile: false, comparedWith: "nothing", differences: [] });
  });

  test.each([
    ["package-lock.json", "{"],
    ["pnpm-lock.yaml", "a: ["],
  ])("a broken %s is reported by its path", async (file, text) => {
    write(`checkout/${file}`, text);
    await expect(compare()).rejects.toMatchObject({ code: "LOCKFILE_UNREADABLE" });
  });
});
