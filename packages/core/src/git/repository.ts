import { resolve } from "node:path";
import { TenonError } from "../errors.js";
import { runGit } from "./command.js";

export interface GitState {
  /** The top directory of the working tree, with symbolic links resolved. */
  readonly root: string;
  /** The full id of the commit at HEAD; absent as long as nothing is committed. */
  readonly commit: string | undefined;
  /** True if a tracked file differs from HEAD or from the index. Untracked files do not count. */
  readonly dirty: boolean;
}

/** What Git knows of a directory; `undefined` without Git, or where there is no working tree. */
export async function gitState(directory: string): Promise<GitState | undefined> {
  try {
    const root = await findRoot(directory);
    if (root === undefined) return undefined;
    const { exitCode, stdout } = await runGit(root, [
      ...["status", "--porcelain=v2", "--branch", "-z", "--untracked-files=no", "--no-renames"],
    ]);
    if (exitCode !== 0) return undefined;
    const entries = stdout.split("\0").filter((entry) => entry !== "");
    const id = entries.find((entry) => entry.startsWith("# branch.oid "))?.slice("# branch.oid ".length);
    return {
      root,
      commit: id === undefined || id === "(initial)" ? undefined : id,
      dirty: entries.some((entry) => !entry.startsWith("# ")),
    };
  } catch (error) {
    if (TenonError.is(error)) return undefined;
    throw error;
  }
}

/** @throws `GIT_REPOSITORY_MISSING` if the directory lies in no working tree, `GIT_UNAVAILABLE`. */
export async function repositoryRoot(directory: string): Promise<string> {
  const root = await findRoot(directory);
  if (root !== undefined) return root;
  throw new TenonError("GIT_REPOSITORY_MISSING", {
    doing: `looking for the Git repository of ${resolve(directory)}`,
    found: "the directory lies in none, or Git refuses to trust it",
    fix: "See what git status says there; git init makes a repository.",
  });
}

async function findRoot(directory: string): Promise<string | undefined> {
  const { exitCode, stdout } = await runGit(resolve(directory), ["rev-parse", "--show-toplevel"]);
  const root = stdout.replace(/\n$/, "");
  return exitCode === 0 && root !== "" ? resolve(root) : undefined;
}
