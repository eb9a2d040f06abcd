import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const command = join(workspace, "packages/cli/bin/tenon.js");

/**
 * Copies of one project, each in a directory of its own with its own state, that share a stack: what two machines are to
 * each other.
 */
export function copies(count: number, files: Readonly<Record<string, string>>): Project[] {
  const shared = project();
  return Array.from({ length: count }, () => {
    const copy = project(files);
    copy.depend({ "tenon-child-processes": "test/integrations/child-processes" });
    copy.write("tenon.yaml", configuration(shared));
    return copy;
  });
}

function configuration(shared: Project): string {
  const stores = `
    artifactStore: { flavor: local/filesystem, path: ${JSON.stringify(shared.path("artifacts"))} }
    metadataStore: { flavor: local/sqlite, file: ${JSON.stringify(shared.path("metadata.sqlite"))} }`;
  return `project: copies
stack: here
stacks:
  here:
    orchestrator: local/local${stores}
  children:
    orchestrator: child-processes/child-processes${stores}
`;
}

export interface Started {
  readonly child: ChildProcess;
  readonly output: () => string;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The command line in the background, in a process group of its own; what is left of it goes with the test. */
export function start(
  { directory }: Project,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env;
  const child = spawn(process.execPath, [command, ...argv], {
    cwd: directory,
    env: { ...inherited, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (piece) => {
      text += piece;
    });
  }
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  const ended = once(child, "exit").then(([code, signal]) => (code ?? signal) as number | string);
  return { child, output: () => text, ended };
}

/** The test's own time limit bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 25));
}
