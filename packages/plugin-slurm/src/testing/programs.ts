import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

const execute = promisify(execFile);

/** Until the test ends these shell scripts stand before everything else on the path, or are all that is there. */
export function onPath(scripts: Readonly<Record<string, string>>, { only = false } = {}): void {
  const directory = mkdtempSync(join(tmpdir(), "tenon-path-"));
  mkdirSync(directory, { recursive: true });
  const before = process.env.PATH;
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  process.env.PATH = only ? directory : `${directory}:${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
    rmSync(directory, { recursive: true, force: true });
  });
}

/** The command line of a project. */
export async function tenon(directory: string, ...argv: string[]): Promise<string> {
  const program = join(directory, "node_modules/tenon/bin/tenon.js");
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const env = { ...environment, NO_COLOR: "1" };
  const { stdout } = await execute(process.execPath, [program, ...argv], { cwd: directory, env });
  return stdout;
}
