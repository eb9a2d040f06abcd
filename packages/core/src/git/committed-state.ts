import { createHash } from "node:crypto";
import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { git, runGit } from "./command.js";
import { repositoryRoot } from "./repository.js";

/** What is known already of a repository: spares two calls of Git. */
export interface KnownHead {
  /** The top of the working tree, with symbolic links resolved. */
  readonly top: string;
  /** The commit at HEAD. */
  readonly commit: string;
}

export interface CommittedState {
  /** The top of the working tree. */
  readonly top: string;
  /** The commit at HEAD; absent as long as nothing is committed. */
  readonly commit: string | undefined;
  /** Those of the given files, spelt as they were given, whose content is not the one at HEAD. */
  readonly uncommitted: readonly string[];
}

/**
 * Whether files are, byte for byte after Git's own line-end and filter rules, what the commit at HEAD holds. The index
 * is not asked, so that neither staging nor `assume-unchanged` can hide a change. Files that are untracked, ignored,
 * in a submodule, outside the repository, or gone count as uncommitted; a symbolic link counts with what it leads to.
 *
 * @param files absolute, or relative to `root`
 * @throws `GIT_REPOSITORY_MISSING`, `GIT_UNAVAILABLE`, `GIT_FAILED`
 */
export async function committedState(
  root: string,
  files: readonly string[],
  known?: KnownHead,
): Promise<CommittedState> {
  const { top, commit } = known ?? (await readHead(root));
  if (commit === undefined) return { top, commit, uncommitted: [...files] };

  const needs = await Promise.all(files.map((file) => whatItNeeds(top, resolve(root, file))));
  const paths = [...new Set(needs.flatMap((need) => need?.files ?? []))];
  const [tree, hashes] = await Promise.all([
    entriesOf(top, commit, [...paths, ...needs.flatMap((need) => need?.links.map(pathOf) ?? [])]),
    hash(top, paths, []),
  ]);
  const blob = (path: string) => tree.get(path)?.id;
  const same = await unchanged(
    top,
    paths.filter((path) => tree.get(path)?.isFile),
    blob,
    hashes,
  );

  const isCommittedLink = (link: Link): boolean => blob(link.path) === blobId(link.target, commit.length);
  const isCommitted = (need: Need | undefined): boolean =>
    Boolean(need?.files.every((path) => same.has(path)) && need.links.every(isCommittedLink));
  return { top, commit, uncommitted: files.filter((_, index) => !isCommitted(needs[index])) };
}

interface Link {
  readonly path: string;
  readonly target: string;
}

/** The paths in the tree that have to be committed for a file to be the one that it is. */
interface Need {
  readonly files: readonly string[];
  readonly links: readonly Link[];
}

const pathOf = (link: Link): string => link.path;

/** Follows a path through symbolic links; `undefined` if it leads nowhere or out of the repository. */
async function whatItNeeds(top: string, file: string): Promise<Need | undefined> {
  const links: Link[] = [];
  let rest = segmentsBelow(top, await outerLinksResolved(file, top));
  let walked: string[] = [];
  while (rest !== undefined && rest.length > 0 && links.length <= 40) {
    const [segment = "", ...following] = rest;
    const place = join(top, ...walked, segment);
    const found = await lstat(place).catch(() => undefined);
    if (!found) return undefined;
    if (!found.isSymbolicLink()) {
      if (following.length === 0) {
        return found.isFile() ? { files: [[...walked, segment].join("/")], links } : undefined;
      }
      walked = [...walked, segment];
      rest = following;
      continue;
    }
    const target = await readlink(place);
    links.push({ path: [...walked, segment].join("/"), target });
    rest = segmentsBelow(top, resolve(dirname(place), target, ...following));
    walked = [];
  }
  return undefined;
}

/** Git names the top of a working tree without symbolic links; a file may be named through one above it. */
async function outerLinksResolved(file: string, top: string): Promise<string> {
  if (segmentsBelow(top, file)) return file;
  for (let above = dirname(file); above !== dirname(above); above = dirname(above)) {
    if ((await realpath(above).catch(() => above)) === top) return join(top, relative(above, file));
  }
  return file;
}

function segmentsBelow(top: string, file: string): string[] | undefined {
  const path = relative(top, file);
  return path === "" || path === ".." || path.startsWith(`..${sep}`) || isAbsolute(path) ? undefined : path.split(sep);
}

interface TreeEntry {
  readonly id: string;
  readonly isFile: boolean;
}

/** The commit's entries of these paths. Many paths would not fit a command line: then the whole tree is read. */
async function entriesOf(top: string, commit: string, paths: readonly string[]): Promise<Map<string, TreeEntry>> {
  const few = paths.join("").length < 16_000 && paths.length < 400;
  if (paths.length === 0) return new Map();
  const listing = await git(top, ["ls-tree", "-r", "-z", "--full-tree", commit, ...(few ? ["--", ...paths] : [])], {
    environment: { GIT_LITERAL_PATHSPECS: "1" },
  });
  const entries = listing.split("\0").filter((line) => line !== "");
  return new Map(
    entries.map((line) => {
      const [mode = "", , id = ""] = line.slice(0, line.indexOf("\t")).split(" ");
      return [line.slice(line.indexOf("\t") + 1), { id, isFile: mode.startsWith("100") }];
    }),
  );
}

async function readHead(root: string): Promise<{ readonly top: string; readonly commit: string | undefined }> {
  const top = await repositoryRoot(root);
  const head = await runGit(top, ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"]);
  return { top, commit: head.exitCode === 0 ? head.stdout.trim() : undefined };
}

/** Which files hash to the blob of the commit: as Git would add them, or as their bytes are. */
async function unchanged(
  top: string,
  paths: readonly string[],
  blob: (path: string) => string | undefined,
  filtered: ReadonlyMap<string, string>,
): Promise<Set<string>> {
  const same = new Set(paths.filter((path) => filtered.get(path) === blob(path)));
  const left = paths.filter((path) => !same.has(path));
  for (const [path, id] of await hash(top, left, ["--no-filters"])) if (id === blob(path)) same.add(path);
  return same;
}

/** Of each path the id that its file would have as a blob. */
async function hash(top: string, paths: readonly string[], options: readonly string[]): Promise<Map<string, string>> {
  if (paths.length === 0) return new Map();
  const ids = await git(top, ["hash-object", ...options, "--stdin-paths"], { input: paths.map(quoted).join("") });
  return new Map(ids.split("\n").flatMap((id, index) => (paths[index] === undefined ? [] : [[paths[index], id]])));
}

/** A line for `--stdin-paths`; names with a line break or a quote in them are written as C strings. */
function quoted(path: string): string {
  if (!/["\n\r\\]/.test(path)) return `${path}\n`;
  const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r" };
  return `"${path.replace(/["\n\r\\]/g, (character) => escapes[character] ?? `\\${character}`)}"\n`;
}

/** The id that Git gives a symbolic link: the digest of its target as a blob. */
function blobId(content: string, length: number): string {
  const bytes = Buffer.from(content);
  const hash = createHash(length === 64 ? "sha256" : "sha1");
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
