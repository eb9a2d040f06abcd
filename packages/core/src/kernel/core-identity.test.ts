import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { claimProcess } from "./core-identity.js";
import { TemporaryProject } from "./temporary-project.js";

const project = new TemporaryProject();
afterAll(() => project.remove());

test("the same copy may be loaded again, under any of its files", () => {
  const here = new URL("../index.ts", import.meta.url).href;
  expect(() => claimProcess(here)).not.toThrow();
  expect(() => claimProcess(`${here}?again`)).not.toThrow();
});

test("a second copy in one process is refused, and both places are named", () => {
  for (const copy of ["one", "two"]) {
    project.write({ [`src/${copy}/dist/kernel/x`]: "", [`src/${copy}/package.json`]: { type: "module" } });
    const files = { "core-identity": "kernel", errors: "" };
    for (const [file, room] of Object.entries(files)) {
      const from = fileURLToPath(new URL(`../${room === "" ? "" : `${room}/`}${file}.ts`, import.meta.url));
      copyFileSync(from, join(project.root, "src", copy, "dist", room, `${file}.ts`));
    }
  }
  const program = `
    await import("./src/one/dist/kernel/core-identity.ts");
    await import("./src/one/dist/kernel/core-identity.ts?again");
    await import("./src/two/dist/kernel/core-identity.ts").catch((error) => console.log(error.code, error.message));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", import.meta.resolve("tsx"), "--input-type=module", "-e", program],
    {
      cwd: project.root,
      encoding: "utf8",
    },
  );
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^CORE_DUPLICATE .*src\/one, and a second one from .*src\/two/);
});
