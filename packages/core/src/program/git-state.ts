import { execFile } from "node:child_process";
import { findUp } from "../git/find-up.js";
import type { Project } from "../kernel/project.js";

export interface GitState {
  readonly commit: string;
  readonly dirty: boolean;
}

/** The commit that is checked out, and whether files differ from it; `undefined` outside a repository or without git. */
export async function gitState({ root, checkout }: Project): Promise<GitState | undefined> {
  if (checkout) return { commit: checkout.commit, dirty: false };
  if (findUp(root, ".git") === undefined) return undefined;
  const output = await new Promise<string | undefined>((resolve) => {
    const args = [
      "--no-optional-locks",
      "status",
      "--porcelain=v2",
      "--branch",
      "--untracked-files=normal",
      "--",
      root,
    ];
    execFile("git", args, { cwd: root, timeout: 2_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) =>
      resolve(error ? undefined : stdout),
    );
  });
  const commit = output && /^# branch\.oid ([0-9a-f]{40,64})$/m.exec(output)?.[1];
  return commit ? { commit, dirty: /^[^#\n]/m.test(output) } : undefined;
}
