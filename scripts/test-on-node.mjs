// Runs the test suite under another version of Node, from the npm package `node`. SQLite's binary is made for N-API, so
// nothing has to be built again. Usage: node scripts/test-on-node.mjs <major> [arguments for vitest]
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const [major, ...argv] = process.argv.slice(2);
if (!/^\d+$/.test(major ?? "")) {
  console.error("Usage: node scripts/test-on-node.mjs <major> [arguments for vitest]");
  process.exit(2);
}
const root = fileURLToPath(new URL("..", import.meta.url));
// Not run through npx: what it puts into the environment confuses the npx of tests. Tests run it as another user, too.
const directory = mkdtempSync(join(tmpdir(), `node-${major}-`));
chmodSync(directory, 0o755);
try {
  run("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--prefix", directory, `node@${major}`], process.env);
  const bin = join(directory, "node_modules", "node", "bin");
  const node = join(bin, "node");
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  run(node, ["--version"], env);
  run(node, [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...argv], env);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function run(command, args, env) {
  if (process.exitCode) return;
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  process.exitCode = status ?? 1;
}
