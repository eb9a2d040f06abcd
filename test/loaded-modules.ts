import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type ExecuteOptions, execute } from "./project.js";
import { workspace } from "./sources.js";

/** Runs Node and says which modules the process loaded: paths and URLs, without Node's own. */
export async function loadedModules(argv: readonly string[], options: ExecuteOptions): Promise<string[]> {
  const directory = mkdtempSync(join(tmpdir(), "tenon-loaded-"));
  const file = join(directory, "modules");
  try {
    const hook = pathToFileURL(join(workspace, "test/loaded-modules.mjs")).href;
    const ended = await execute(process.execPath, ["--import", hook, ...argv], {
      ...options,
      env: { ...options.env, LOADED_MODULES: file },
    });
    if (ended.code !== 0) throw new Error(`node ${argv.join(" ")} ended with ${ended.code}:\n${ended.stderr}`);
    const lines = readFileSync(file, "utf8").split("\n");
    return [...new Set(lines)].filter((line) => line.includes("/") && !line.startsWith("node:"));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The packages that modules belong to: the name after the last `node_modules`, or the workspace's directory. */
export function packagesOf(modules: readonly string[]): string[] {
  const names = modules.map((module) => {
    const installed = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module)?.[1];
    return installed ?? /\/packages\/([^/]+)\//.exec(module)?.[1] ?? module;
  });
  return [...new Set(names)].sort();
}
