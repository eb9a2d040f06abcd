import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { installedNames } from "./installed-names.js";

export interface LinkOptions {
  /** The top of the working tree, and that of the checkout. */
  readonly top: string;
  readonly checkoutTop: string;
  /** Where the project lies in both, relative to the top. */
  readonly path: string;
}

/**
 * Gives a checkout the packages that are installed in the working tree: a `node_modules` of links for the project, for
 * the directories above it, and for each package of the same workspace that it uses. Those packages themselves are
 * taken from the checkout, not from the working tree.
 */
export async function linkPackages({ top, checkoutTop, path }: LinkOptions): Promise<void> {
  const tree = realpathSync(top);
  const open: string[] = [];
  for (let place = path; ; place = dirname(place)) {
    open.push(place === "." ? "" : place);
    if (place === "" || place === ".") break;
  }
  const seen = new Set<string>();
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const links = await linksOf(join(tree, place, "node_modules"), tree, checkoutTop);
    if (!existsSync(join(checkoutTop, place))) continue;
    await writeLinks(join(checkoutTop, place, "node_modules"), links);
    open.push(...links.flatMap(({ workspace }) => workspace ?? []));
  }
}

interface Link {
  /** `@acme/steps`. */
  readonly name: string;
  readonly target: string;
  /** Where it lies in the repository, for a package of the workspace. */
  readonly workspace?: string;
}

async function linksOf(directory: string, tree: string, checkoutTop: string): Promise<Link[]> {
  const links: Link[] = [];
  for (const name of await installedNames(directory)) {
    const target = realpathSync(join(directory, name));
    const own = relative(tree, target);
    const isWorkspace =
      !own.startsWith("..") && !own.split(sep).includes("node_modules") && hasEntry(join(checkoutTop, own));
    links.push(isWorkspace ? { name, target: join(checkoutTop, own), workspace: own } : { name, target });
  }
  return links;
}

/** False for a package whose files are built and not committed: it can only be taken from where it was built. */
function hasEntry(directory: string): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Record<string, unknown>;
    const entry = firstPath(manifest.exports) ?? manifest.main ?? "index.js";
    return existsSync(resolve(directory, String(entry)));
  } catch {
    return false;
  }
}

function firstPath(exported: unknown): string | undefined {
  if (typeof exported === "string") return exported;
  if (typeof exported !== "object" || exported === null) return undefined;
  const { ".": main, import: module, node, default: fallback, require: common } = exported as Record<string, unknown>;
  return firstPath(main) ?? firstPath(node) ?? firstPath(module) ?? firstPath(fallback) ?? firstPath(common);
}

const marker = ".tenon-links";

/** What is there already, and is the same, stays; what a package manager has installed is not touched. */
async function writeLinks(directory: string, links: readonly Link[]): Promise<void> {
  const state = createHash("sha256").update(JSON.stringify(links)).digest("hex");
  const known = await readFile(join(directory, marker), "utf8").catch(() => undefined);
  if (known === state || (known === undefined && existsSync(directory))) return;
  const draft = `${directory}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  for (const { name, target } of links) {
    await mkdir(dirname(join(draft, name)), { recursive: true });
    await symlink(target, join(draft, name), "junction");
  }
  await writeFile(join(draft, marker), state);
  await rm(directory, { recursive: true, force: true });
  await rename(draft, directory).catch((error: NodeJS.ErrnoException) => {
    // Another process was faster.
    if (!existsSync(join(directory, marker))) throw error;
  });
  await rm(draft, { recursive: true, force: true });
}

/** Takes the links away, so that a package manager can install. */
export async function unlinkPackages({ checkoutTop, path }: LinkOptions): Promise<void> {
  for (let place = path; ; place = dirname(place)) {
    const directory = join(checkoutTop, place, "node_modules");
    if (existsSync(join(directory, marker))) await rm(directory, { recursive: true, force: true });
    if (place === "" || place === ".") return;
  }
}
