// npm run bench: installs the peers, then runs every benchmark. With --write their sections of results.md are replaced.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { here } from "./measure.mjs";

const run = (program, argv) => {
  const { status } = spawnSync(program, argv, { cwd: here, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
};
if (!existsSync(join(here, "node_modules/turbo"))) {
  // LangGraph's packages disagree about the versions of their peers.
  run("npm", ["install", "--no-package-lock", "--legacy-peer-deps", "--no-audit", "--no-fund"]);
}
for (const name of [
  "startup",
  "chain",
  "artifact",
  "metadata-store",
  "sql",
  "artifact-stores",
  "client",
  "tfrecord",
  "training",
  "serving",
  "slurm",
]) {
  if (existsSync(join(here, `${name}.mjs`))) run(process.execPath, [`${name}.mjs`, ...process.argv.slice(2)]);
}
