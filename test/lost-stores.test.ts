import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { project } from "./project.js";

const program = `
import { rmSync } from "node:fs";
import { pipeline, run, step } from "@tenon/core";
const removing = step("removing", () => {
  rmSync(".tenon", { recursive: true, force: true });
  return 1;
});
const after = step("after", ({ x }) => x + 1);
const big = step("big", () => "x".repeat(8 << 20));
const removed = pipeline("removed", () => ({ x: after({ x: removing({}) }) }));
const full = pipeline("full", () => ({ x: big({}) }));
try {
  const { status } = await run(process.argv[2] === "full" ? full : removed);
  console.log(status);
} catch (error) {
  const codes = [];
  for (let one = error; one instanceof Error; one = one.cause) codes.push(one.code);
  console.log(JSON.stringify(codes));
}
`;

test("a run whose state directory is deleted meanwhile ends with STORE_VANISHED", async () => {
  const files = project({ "program.mjs": program });
  const { stdout } = await files.node(files.path("program.mjs"));
  expect(JSON.parse(stdout)).toContain("STORE_VANISHED");
});

const canMount = (() => {
  try {
    execFileSync("unshare", ["--mount", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!canMount)("a run whose disk is full ends with STORE_FULL", async () => {
  const files = project({ "program.mjs": program });
  mkdirSync(join(files.directory, ".tenon"));
  const command = `mount -t tmpfs -o size=4m tenon .tenon && exec "${process.execPath}" program.mjs full`;
  const stdout = execFileSync("unshare", ["--mount", "sh", "-c", command], { cwd: files.directory, encoding: "utf8" });
  expect(JSON.parse(stdout)).toContain("STORE_FULL");
});
