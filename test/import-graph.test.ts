import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type SourceFile, sources, workspace } from "./sources.js";

/** The rooms of core, and what each may import besides itself: arrows only point downwards. */
const ground = ["errors.ts", "contracts"];
const floor2 = [...ground, "pipeline", "ledger", "materializers", "git"];
const floor3 = [...floor2, "artifacts", "kernel", "code"];
const floor4 = [...floor3, "compiler", "runtime"];
const floor5 = [...floor4, "program"];
const rooms: Readonly<Record<string, readonly string[]>> = {
  "errors.ts": [],
  contracts: ["errors.ts"],
  pipeline: ground,
  ledger: ground,
  materializers: ground,
  git: ground,
  code: [...ground, "git"],
  remote: ground,
  artifacts: [...ground, "ledger", "materializers"],
  kernel: [...floor2, "artifacts"],
  compiler: floor3,
  runtime: floor3,
  program: floor4,
  client: [...floor5, "remote"],
  testing: [...floor5, "client"],
  "index.ts": [...floor5, "client"],
  "internal.ts": [...floor5, "client"],
  "keyv.ts": floor2,
  "remote.ts": [...ground, "remote"],
};

const core = sources("packages/core/src");
const packages = readdirSync(join(workspace, "packages"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const everything = packages.flatMap((name) => sources(`packages/${name}/src`));

const room = (path: string): string => path.split("/")[3] ?? "";
const importers = (files: readonly SourceFile[], name: string): string[] =>
  files
    .filter((file) => file.imports.some(({ specifier }) => specifier === name || specifier.startsWith(`${name}/`)))
    .map((file) => file.path);

describe("core's rooms", () => {
  test("every file lives in a room that the architecture knows", () => {
    expect(core.map((file) => file.path).filter((path) => !(room(path) in rooms))).toEqual([]);
  });

  test("imports point downwards only", () => {
    const upwards = core.flatMap((file) =>
      file.imports
        .flatMap(({ file: target }) => (target === undefined ? [] : [target]))
        .filter((target) => room(target) !== room(file.path) && !rooms[room(file.path)]?.includes(room(target)))
        .map((target) => `${file.path} imports ${target}`),
    );
    expect(upwards).toEqual([]);
  });

  test("the graph is read: it has many more edges than files would have by chance", () => {
    expect(core.flatMap((file) => file.imports.filter((one) => one.file !== undefined)).length).toBeGreaterThan(100);
  });
});

describe("libraries behind one file each", () => {
  test.each(["tsyringe", "reflect-metadata", "tapable", "keyv"])("one file of core imports %s", (name) => {
    expect(importers(core, name)).toHaveLength(1);
  });

  test.each(["tsyringe", "reflect-metadata", "tapable"])("no package but core imports %s", (name) => {
    expect(importers(everything, name).filter((path) => !path.startsWith("packages/core/"))).toEqual([]);
  });
});

describe("the shape of the code", () => {
  test("core's entry files only name things, in at most 40 statements", () => {
    // Statements, because the formatter gives each of many names a line of its own.
    const entries = core.filter(({ path }) => /\/src\/(index|keyv|testing\/index)\.ts$/.test(path));
    expect(entries).toHaveLength(3);
    for (const { path, text } of entries) {
      const code = text.replaceAll(/^\s*(\/\/|\/\*|\*).*$/gm, "");
      const statements = code.split(/;\s*\n/).flatMap((one) => one.trim() || []);
      expect(
        statements.filter((one) => !/^(import|export (type )?\{)/.test(one)),
        path,
      ).toEqual([]);
      expect(statements.length, path).toBeLessThanOrEqual(40);
    }
  });

  test("an integration's main module has at most 40 lines that are not blank", () => {
    const entries = everything.filter(({ path }) => /^packages\/plugin-[^/]+\/src\/index\.ts$/.test(path));
    expect(entries.length).toBeGreaterThanOrEqual(1);
    const filled = ({ text }: SourceFile) => text.split("\n").filter((line) => line.trim() !== "").length;
    expect(entries.filter((file) => filled(file) > 40).map(({ path }) => path)).toEqual([]);
  });

  test("nothing is exported by a star", () => {
    expect(everything.filter((file) => /^export\s+(type\s+)?\*/m.test(file.text)).map((file) => file.path)).toEqual([]);
  });

  test("no file has more than 350 lines", () => {
    const long = everything.filter((file) => file.lines > 350);
    expect(long.map((file) => `${file.path}: ${file.lines} lines`)).toEqual([]);
  });

  test("half of the files have at most 120 lines", () => {
    const lengths = everything.map((file) => file.lines).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });
});
