import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createProgram } from "./program.js";
import { renderReference } from "./reference.js";

test("docs/reference/cli.md says what the commands are", () => {
  const file = new URL("../../../docs/reference/cli.md", import.meta.url);
  // If this fails: node scripts/generate-cli-reference.mjs
  expect(readFileSync(file, "utf8")).toBe(renderReference(createProgram("")));
});
