import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadedModules, packagesOf } from "./loaded-modules.js";
import { project } from "./project.js";
import { workspace } from "./sources.js";

const heavy =
  /^(zod|yaml|sqlite3|@keyv\/sqlite|keyv|esbuild|tsx|rolldown|@rolldown\/.*|better-sqlite3|tsyringe|plugin-local)$/;

describe("what starting up loads", () => {
  test("importing core loads one package and few files", async () => {
    const there = project({
      "index.mjs": 'import * as core from "@tenon/core"; if (!core.step) throw new Error("no core");',
    });
    const modules = await loadedModules(["index.mjs"], { cwd: there.directory });
    expect(
      packagesOf(modules).filter((name) => name !== there.path("index.mjs") && !name.endsWith("index.mjs")),
    ).toEqual(["core"]);
    expect(modules.length).toBeLessThanOrEqual(20);
  });

  test("defining a pipeline with zod loads zod and nothing else", async () => {
    const there = project({
      "index.mjs": `import { pipeline, step } from "@tenon/core"; import { z } from "zod";
        const add = step({ name: "add", inputs: { x: z.number() }, output: z.number(), run: ({ x }) => x });
        export const sum = pipeline("sum", () => add({ x: 1 }));`,
    });
    const names = packagesOf(await loadedModules(["index.mjs"], { cwd: there.directory }));
    expect(names.filter((name) => !name.endsWith("index.mjs"))).toEqual(["core", "zod"]);
  });

  test.each([["--version"], ["--help"]])(
    "tenon %s loads neither core's heavy rooms nor any store",
    async (argument) => {
      const there = project();
      const modules = await loadedModules([join(workspace, "packages/cli/bin/tenon.js"), argument], {
        cwd: there.directory,
      });
      expect(packagesOf(modules).filter((name) => heavy.test(name))).toEqual([]);
    },
  );
});
