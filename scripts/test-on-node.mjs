// Runs the test suite under another version of Node, from the npm package `node`. SQLite's binary is made for N-API, so
// nothing has to be built again. Usage: node scripts/test-on-node.mjs <major> [arguments for vitest]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [major, ...argv] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? "")) {
  console.error("Usage: node scripts/test-on-node.mjs <major> [arguments for vitest]");
  process.exit(2);
}
const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const command = ["--yes", "--package", `node@${major}`, "node"];
spawnSync("npx", [...command, "--version"], { stdio: "inherit" });
const { status } = spawnSync("npx", [...command, vitest, "run", ...argv], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  stdio: "inherit",
});
process.exitCode = status ?? 1;
