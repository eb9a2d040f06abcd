import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findUp } from "../git/find-up.js";
import { type LockfileState, lockfileState } from "../git/lockfile.js";

/** A project with the workspace that it is part of, if it is part of one. */
export interface Workspace {
  /** Where the lockfile lies, or else the project's own directory. */
  readonly top: string;
  readonly lockfile: LockfileState | undefined;
  /** The directories of its packages, relative to the top with `/`; none if it is no workspace. */
  readonly members: readonly string[];
}

/** @param root the project's real path */
export async function workspaceOf(root: string): Promise<Workspace> {
  const lockfile = await lockfileState(root, findUp(root, ".git"));
  if (!lockfile) return { top: root, lockfile: undefined, members: [] };
  const members = membersOf(lockfile).filter((member) => existsSync(join(lockfile.directory, member, "package.json")));
  // A lockfile further up that knows nothing of the project belongs to something else.
  const isOwn = lockfile.directory === root || members.some((member) => join(lockfile.directory, member) === root);
  return isOwn ? { top: lockfile.directory, lockfile, members } : { top: root, lockfile: undefined, members: [] };
}

/** As the lockfile names them; where it doesn't, as the workspace's manifest does. */
function membersOf({ manager, directory, file }: LockfileState): string[] {
  const text = file === "bun.lockb" ? "" : readFileSync(join(directory, file), "utf8");
  if (manager === "npm") {
    const { packages = {} } = JSON.parse(text) as { packages?: Record<string, unknown> };
    return Object.keys(packages).filter((place) => place !== "" && !/(^|\/)node_modules\//.test(place));
  }
  if (manager === "pnpm") {
    const [, section = ""] = /^importers:\n((?:[ \t].*\n|\n)*)/m.exec(text) ?? [];
    const places = [...section.matchAll(/^ {2}(?:'([^']+)'|([^\s'][^:\n]*)):/gm)].map(
      ([, quoted, plain]) => quoted ?? plain,
    );
    return places.filter((place) => place !== undefined && place !== ".") as string[];
  }
  if (manager === "yarn" && text.includes("@workspace:")) {
    const places = [...text.matchAll(/^ {2}resolution: ".*@workspace:([^"]+)"$/gm)].map(([, place]) => place as string);
    return places.filter((place) => place !== ".");
  }
  return patternsOf(directory).flatMap((pattern) => matching(directory, pattern));
}

function patternsOf(directory: string): string[] {
  const { workspaces } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as {
    workspaces?: string[] | { packages?: string[] };
  };
  return Array.isArray(workspaces) ? workspaces : (workspaces?.packages ?? []);
}

/** `packages/*`, or a directory; `**` stands for any depth. */
function matching(top: string, pattern: string): string[] {
  let found = [""];
  for (const segment of pattern.replace(/^\.\/|\/$/g, "").split("/")) {
    found = found.flatMap((place) => {
      if (segment === "**") return [place, ...directoriesBelow(top, place)];
      if (!segment.includes("*")) return [join(place, segment)];
      const fits = new RegExp(`^${segment.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`);
      return directoriesIn(top, place).filter((name) => fits.test(name.slice(name.lastIndexOf("/") + 1)));
    });
  }
  return [...new Set(found)];
}

function directoriesIn(top: string, place: string): string[] {
  if (!existsSync(join(top, place))) return [];
  return readdirSync(join(top, place), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith("."))
    .map((entry) => (place === "" ? entry.name : `${place}/${entry.name}`));
}

function directoriesBelow(top: string, place: string): string[] {
  return directoriesIn(top, place).flatMap((inside) => [inside, ...directoriesBelow(top, inside)]);
}
