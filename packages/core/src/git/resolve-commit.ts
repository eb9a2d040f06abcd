import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import { git, runGit } from "./command.js";
import { repositoryRoot } from "./repository.js";

/**
 * The full id of the commit that a revision means: an id, the beginning of one, a branch, a tag, `HEAD~2`.
 *
 * @throws `COMMIT_UNKNOWN` if it means none, or several; `GIT_REPOSITORY_MISSING`, `GIT_UNAVAILABLE`.
 */
export async function resolveCommit(repository: string, revision: string): Promise<string> {
  const root = await repositoryRoot(repository);
  if (isSafe(revision)) {
    const { exitCode, stdout, stderr } = await runGit(root, ["rev-parse", "--verify", `${revision}^{commit}`]);
    if (exitCode === 0) return stdout.trim();
    if (stderr.includes("is ambiguous")) throw unknown(root, revision, "several commits begin like that");
  }
  throw unknown(root, revision, "no commit of that name is here", await hint(root, revision));
}

/** A revision that git cannot mistake for an option or for two arguments. */
function isSafe(revision: string): boolean {
  return revision !== "" && !revision.startsWith("-") && !/[\0\n]/.test(revision);
}

async function hint(root: string, revision: string): Promise<string | undefined> {
  if (/^[0-9a-f]{4,64}$/i.test(revision)) {
    const shallow = (await git(root, ["rev-parse", "--is-shallow-repository"])).trim() === "true";
    return shallow
      ? "This clone is shallow: git fetch --unshallow brings the whole history."
      : "Perhaps it was never pushed, or git fetch has to bring it.";
  }
  const names = await git(root, [
    "for-each-ref",
    "--format=%(refname:short)",
    "refs/heads",
    "refs/tags",
    "refs/remotes",
  ]);
  return suggest(revision, names.split("\n").filter(Boolean));
}

function unknown(root: string, revision: string, found: string, fix?: string): TenonError {
  return new TenonError("COMMIT_UNKNOWN", {
    doing: `looking for commit '${revision}' in ${root}`,
    found,
    ...(fix !== undefined && { fix }),
  });
}
