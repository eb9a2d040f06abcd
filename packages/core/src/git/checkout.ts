import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { TenonError } from "../errors.js";
import { git, runGit } from "./command.js";
import { repositoryRoot } from "./repository.js";
import { resolveCommit } from "./resolve-commit.js";

export interface CheckoutOptions {
  /** A directory in the repository that has the commit. Nothing in it, its index or its `.git` is changed. */
  readonly repository: string;
  /** Where checkouts are kept, by commit. */
  readonly cacheDirectory: string;
  readonly signal?: AbortSignal;
}

export interface Checkout {
  /** The full id. */
  readonly commit: string;
  /** The commit's files, as `git checkout` would write them. */
  readonly directory: string;
  /** Paths of submodules: empty directories here. */
  readonly submodules: readonly string[];
  /** True if an earlier call had made it. */
  readonly cached: boolean;
}

/**
 * A commit's files in a directory of their own. It is made beside its place and moved there when it is whole, so that
 * a half-made one is never used and two processes may ask at once. One whose files have been changed since is left
 * alone, and another one made.
 *
 * @throws `COMMIT_UNKNOWN`, `CHECKOUT_FAILED`, `GIT_REPOSITORY_MISSING`, `GIT_UNAVAILABLE`
 */
export async function checkout(revision: string, options: CheckoutOptions): Promise<Checkout> {
  const root = await repositoryRoot(options.repository);
  const commit = await resolveCommit(root, revision);
  const cache = resolve(options.cacheDirectory);
  let number = 1;
  for (;;) {
    const place = join(cache, number === 1 ? commit : `${commit}-${number}`);
    const found = await existing(root, place, commit);
    if (found === "changed") number++;
    else if (found) return found;
    else if (await make(root, commit, place, options.signal)) {
      return described(place, commit, await submodules(root, commit));
    }
    // Otherwise somebody else was faster: look again.
  }
}

const markerFile = "checkout.json";
const indexFile = "index";
const treeDirectory = "tree";

/** A checkout that is there, if it is still the commit. Only whole ones have a marker. */
async function existing(root: string, place: string, commit: string): Promise<Checkout | "changed" | undefined> {
  const text = await readFile(join(place, markerFile), "utf8").catch((error: NodeJS.ErrnoException) => error);
  if (typeof text !== "string") return (await isTaken(place)) ? "changed" : undefined;
  const { exitCode } = await runGit(
    join(place, treeDirectory),
    [
      ...(await inside(root, place)),
      ...["diff", "--quiet", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"],
    ],
    { environment: { GIT_INDEX_FILE: join(place, indexFile) } },
  );
  if (exitCode !== 0) return "changed";
  return { ...described(place, commit, submodulesIn(text)), cached: true };
}

async function isTaken(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}

function submodulesIn(marker: string): readonly string[] {
  const parsed = JSON.parse(marker) as { submodules?: readonly string[] };
  return parsed.submodules ?? [];
}

/** False if another process has put one there meanwhile. */
async function make(root: string, commit: string, place: string, signal?: AbortSignal): Promise<boolean> {
  const draft = join(place, "..", `.partial-${commit.slice(0, 12)}-${process.pid}-${randomBytes(6).toString("hex")}`);
  const tree = join(draft, treeDirectory);
  try {
    await mkdir(tree, { recursive: true });
    const repository = await inside(root, draft);
    const options = { environment: { GIT_INDEX_FILE: join(draft, indexFile) }, signal };
    // Not `git archive`: it leaves out files marked export-ignore. Not `git worktree`: it writes into the user's .git.
    await git(tree, [...repository, "read-tree", commit], options);
    await git(tree, [...repository, "checkout-index", "--all", "--force", "--quiet", "--index"], options);
    const marker = { commit, submodules: await submodules(root, commit), created: new Date().toISOString() };
    await writeFile(join(draft, markerFile), `${JSON.stringify(marker, null, 2)}\n`);
    await chmod(join(draft, markerFile), 0o444);
    await rename(draft, place);
    return true;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error)) && (await isTaken(place))) return false;
    signal?.throwIfAborted();
    throw new TenonError("CHECKOUT_FAILED", {
      doing: `checking commit ${commit.slice(0, 12)} out into ${place}`,
      found: TenonError.is(error) ? error.found : String(error instanceof Error ? error.message : error),
      ...(TenonError.is(error) &&
        /filter|lfs/i.test(error.found) && {
          fix: "Install the program that the repository's filters need (for Git LFS: git lfs install).",
        }),
      cause: error,
    });
  }
}

/** Names the user's repository and the checkout's own working tree. */
async function inside(root: string, place: string): Promise<string[]> {
  const directory = (await git(root, ["rev-parse", "--absolute-git-dir"])).replace(/\n$/, "");
  const tree = join(place, treeDirectory);
  return [`--git-dir=${directory}`, `--work-tree=${tree}`];
}

async function submodules(root: string, commit: string): Promise<string[]> {
  const entries = await git(root, ["ls-tree", "-r", "-z", "--full-tree", commit]);
  return entries
    .split("\0")
    .filter((line) => line.startsWith("160000 "))
    .map((line) => line.slice(line.indexOf("\t") + 1));
}

function described(place: string, commit: string, submodules: readonly string[]): Checkout {
  return { commit, directory: join(place, treeDirectory), submodules, cached: false };
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}
