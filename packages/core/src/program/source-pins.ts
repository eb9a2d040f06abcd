import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { StepCode } from "../compiler/sources.js";
import { TenonError } from "../errors.js";
import { committedState } from "../git/committed-state.js";
import { findUp } from "../git/find-up.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Project } from "../kernel/project.js";
import type { RunSource } from "../ledger/code-records.js";
import type { Ledger } from "../ledger/ledger.js";
import type { SessionRecord } from "../ledger/records.js";
import { realFile } from "../pipeline/source.js";
import type { GitState } from "./git-state.js";

/** True if a directory looks like part of a Git repository; Git itself is not asked. */
export function inRepository(directory: string): boolean {
  return findUp(directory, ".git") !== undefined;
}

/**
 * Records what the code of a session's steps is made of, and in which commit it can be found again. Goes on beside the
 * run, which does not wait for Git before it starts. Warns of code that is not committed.
 */
export async function recordCode(
  kernel: Kernel,
  ledger: Ledger,
  { runId, number: session }: Pick<SessionRecord, "runId" | "number">,
  code: ReadonlyMap<string, StepCode>,
  git: GitState | undefined,
): Promise<void> {
  const parts = new Map(
    [...code.values()].flatMap((one) => (one.fingerprint && one.parts ? [[one.fingerprint, one.parts]] : [])),
  );
  const save = async () => {
    const sources = await pinSources(kernel.project, code, git);
    await ledger.code.saveSources({ runId, session, sources });
    const warning = uncommittedWarning(runId, sources);
    if (warning) kernel.warn(warning);
  };
  await Promise.all([ledger.code.keep(parts), save()]);
}

/** Where the code of steps is, pinned to the commit that is checked out if all that it reaches is in it. */
export async function pinSources(
  project: Project,
  code: ReadonlyMap<string, StepCode>,
  state: GitState | undefined,
): Promise<RunSource[]> {
  const root = project.code;
  const places = new Map<string, { readonly code: StepCode; readonly steps: string[] }>();
  for (const [id, one] of code) {
    const place = places.get(named(one)) ?? { code: one, steps: [] };
    places.set(named(one), place);
    place.steps.push(id);
  }
  const local = [...places.values()].filter(({ code }) => code.source.version === undefined);
  const reached = new Map<StepCode, readonly string[]>();
  for (const { code } of local) {
    if (code.files) reached.set(code, (await Promise.all(code.files.map(filesBelow))).flat());
  }
  const git = local.length > 0 ? await look(project, [...new Set([...reached.values()].flat())], state) : undefined;
  return [...places].map(([name, { code, steps }]) => {
    if (code.source.version !== undefined) return { reference: `${name}@${code.source.version}`, steps, pinned: true };
    const at = { ...(git?.commit && { commit: git.commit, directory: git.directory }) };
    const left = (reached.get(code) ?? [])
      .filter((file) => git?.uncommitted.has(file))
      .map((file) => shown(root, file));
    const because = hindrance(code, git);
    if (because === undefined && left.length === 0)
      return { reference: `${name}@${git?.commit}`, steps, pinned: true, ...at };
    return {
      reference: name,
      steps,
      pinned: false,
      ...at,
      ...(left.length > 0 && { uncommitted: [...new Set(left)].sort() }),
      ...(because !== undefined && { because }),
    };
  });
}

interface Repository {
  readonly commit: string | undefined;
  readonly directory: string;
  readonly uncommitted: ReadonlySet<string>;
  /** True if nothing in the working tree differs from the commit, and nothing is untracked. */
  readonly clean: boolean;
}

/** `undefined` without Git: then nothing is pinned, and nothing else is missing. */
async function look(
  { code: root, checkout }: Project,
  files: readonly string[],
  git: GitState | undefined,
): Promise<Repository | undefined> {
  if (checkout) {
    const { commit, path } = checkout;
    const top = `${realFile(resolve(root, relative(path, ".")))}${sep}`;
    return {
      commit,
      directory: path,
      uncommitted: new Set(files.filter((file) => !file.startsWith(top))),
      clean: true,
    };
  }
  if (!inRepository(root)) return undefined;
  try {
    const top = findUp(root, ".git");
    const known = git && top !== undefined ? { top: realFile(top), commit: git.commit } : undefined;
    const state = await committedState(root, files, known);
    const directory = relative(state.top, realFile(root)).split(sep).join("/");
    return { commit: state.commit, directory, uncommitted: new Set(state.uncommitted), clean: git?.dirty === false };
  } catch (error) {
    if (TenonError.is(error)) return undefined;
    throw error;
  }
}

function hindrance(code: StepCode, git: Repository | undefined): string | undefined {
  if (code.source.module === undefined || code.source.binding === undefined) return "it is made inside a function";
  if (git === undefined) return "there is no Git repository";
  if (git.commit === undefined) return "nothing has been committed yet";
  if (code.files === undefined) return "its code cannot be followed";
  return code.open && !git.clean
    ? "it loads modules whose names are known only when it runs, and not everything in the repository is committed"
    : undefined;
}

function named({ source }: StepCode): string {
  return `${source.module ?? "?"}${source.binding === undefined ? "" : `#${source.binding}`}`;
}

async function filesBelow(path: string): Promise<string[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) return [path];
  const inside = await readdir(path, { recursive: true, withFileTypes: true });
  return inside.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

function shown(root: string, file: string): string {
  return relative(realFile(root), file).split(sep).join("/");
}

const mostFiles = 8;

/** Only of what a commit would mend. */
function uncommittedWarning(runId: string, sources: readonly RunSource[]): TenonError | undefined {
  const files = [...new Set(sources.flatMap(({ uncommitted = [] }) => uncommitted))].sort();
  if (files.length === 0) return undefined;
  const steps = sources.filter(({ uncommitted }) => uncommitted).flatMap(({ steps }) => steps);
  const named = files.length > mostFiles ? byDirectory(files) : files;
  const more = named.length > mostFiles ? ` and ${named.length - mostFiles} more` : "";
  return new TenonError("SOURCE_UNCOMMITTED", {
    doing: "pinning the code of the run to a commit",
    found: `these files are not committed as they are: ${named.slice(0, mostFiles).join(", ")}${more}`,
    fix: "Commit first what you want to be able to reproduce.",
    details: { runId, files, steps },
  });
}

/** `src/parts (12 files)` where there are several in one, as of what a build has made. */
function byDirectory(files: readonly string[]): string[] {
  const inside = new Map<string, string[]>();
  for (const file of files) inside.set(dirname(file), [...(inside.get(dirname(file)) ?? []), file]);
  return [...inside].flatMap(([directory, own]) => (own.length > 1 ? `${directory} (${own.length} files)` : own));
}
