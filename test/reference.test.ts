import { expect, test } from "vitest";
import { execute } from "./project.js";
import { workspace } from "./sources.js";

test("the generated reference is what the sources say", async () => {
  const { code, stderr } = await execute(process.execPath, ["scripts/reference.mjs", "--check"], { cwd: workspace });
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
