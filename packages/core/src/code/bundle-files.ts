import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { TenonError } from "../errors.js";
import type { LockfileState, LockingManager } from "../git/lockfile.js";
import type { ArchivedFile } from "./archive.js";
import { linkedPackages } from "./linked-packages.js";
import { workspaceOf } from "./workspace.js";

/** What a bundle says of itself, in the file `describedIn` at its top. */
export interface BundleDescription {
  readonly format: 1;
  /** Where the project lies in it: empty for its top. */
  readonly path: string;
  /** How its packages are installed; absent without a lockfile. */
  readonly packages?: {
    readonly manager: LockingManager;
    /** Where the lockfile lies: the directory to install in. */
    readonly directory: string;
    /** All files that decide what is installed. */
    readonly files: readonly string[];
  };
}

export const describedIn = "tenon-bundle.json";

/** Beside a lockfile: what its package manager goes by. */
const installerFiles = [
  "package.json",
  "pnpm-workspace.yaml",
  ".npmrc",
  ".yarnrc.yml",
  ".yarnrc",
  ".pnpmfile.cjs",
  "bunfig.toml",
];
const installerDirectories = ["patches", ".yarn/patches", ".yarn/releases", ".yarn/plugins"];
const mostBytes = 256 * 2 ** 20;

/**
 * The files of a project that steps can reach, with what it takes to install its packages and to open it.
 *
 * @param reached files and directories, absolute
 * @throws `CODE_NOT_PACKED`
 */
export async function bundleFiles(project: string, reached: Iterable<string>): Promise<Map<string, ArchivedFile>> {
  const root = realpathSync(project);
  const { top: workspace, lockfile, members } = await workspaceOf(root);
  const linked = linkedPackages(root, workspace);
  const wanted = new Set<string>();
  for (const path of reached) for (const file of filesAt(path)) wanted.add(file);
  for (const directory of linked.whole) for (const file of publishedFiles(directory)) wanted.add(file);
  // What a link leads to outside of the workspace comes with the packages, as they are installed on the machine.
  const own = [...wanted].filter(
    (file) => isBelow(file, workspace) || !linked.outside.some((one) => isBelow(file, one)),
  );
  const top = own.reduce(commonDirectory, workspace);

  const paths = new Set(own);
  for (const file of own) for (const setting of settingsAbove(file, top)) paths.add(setting);
  for (const name of ["package.json", "tenon.yaml", "tsconfig.json"]) paths.add(join(root, name));
  const installing = lockfile ? installedFrom(lockfile, members, top) : [];
  for (const path of installing) paths.add(path);

  const files = new Map<string, ArchivedFile>();
  const place = (path: string) => relative(top, path).split(sep).join("/");
  let size = 0;
  for (const path of paths) {
    if (!existsSync(path) || !isBelow(path, top)) continue;
    const { mode, size: own } = statSync(path);
    size += own;
    if (size > mostBytes) throw tooLarge();
    files.set(place(path), { content: withoutSecrets(path, readFileSync(path)), executable: (mode & 0o100) !== 0 });
  }
  const description: BundleDescription = {
    format: 1,
    path: place(root),
    ...(lockfile && {
      packages: {
        manager: lockfile.manager,
        directory: place(workspace),
        files: installing
          .map(place)
          .filter((path) => files.has(path))
          .sort(),
      },
    }),
  };
  files.set(describedIn, { content: Buffer.from(`${JSON.stringify(description, null, 2)}\n`), executable: false });
  return files;
}

function installedFrom({ directory, file }: LockfileState, members: readonly string[], top: string): string[] {
  const manifests = ["", ...members].map((member) => join(directory, member, "package.json"));
  return [
    ...new Set([
      ...[file, ...installerFiles].map((name) => join(directory, name)),
      ...installerDirectories.flatMap((name) => filesAt(join(directory, name))),
      ...manifests,
      ...manifests.flatMap((manifest) => localPackages(manifest, top)),
    ]),
  ];
}

/** A file, or all that a directory holds but installed packages, Git's and Tenon's own. */
function filesAt(path: string): string[] {
  if (!existsSync(path)) return [];
  const real = realpathSync(path);
  if (!statSync(real).isDirectory()) return [real];
  const skipped = ["node_modules", ".git", ".tenon"];
  return readdirSync(real)
    .filter((name) => !skipped.includes(name))
    .flatMap((name) => filesAt(join(real, name)));
}

/** What would be published of a package of the workspace: the runtime of a project in Tenon's own repository. */
function publishedFiles(directory: string): string[] {
  const { files } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { files?: string[] };
  const names = files ?? readdirSync(directory).filter((name) => name !== "node_modules" && !name.startsWith("."));
  return ["package.json", ...names.filter((name) => !/[*!]/.test(name))].flatMap((name) =>
    filesAt(join(directory, name)),
  );
}

/** What decides how a file's imports are resolved and its types are stripped, from its directory up to the top. */
function* settingsAbove(file: string, top: string): Iterable<string> {
  for (let directory = dirname(file); isBelow(directory, top); directory = dirname(directory)) {
    yield join(directory, "package.json");
    yield* extendedSettings(join(directory, "tsconfig.json"));
    if (directory === top) return;
  }
}

function extendedSettings(path: string, depth = 0): string[] {
  if (depth > 10 || !existsSync(path)) return [];
  const [, list = ""] = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(readFileSync(path, "utf8")) ?? [];
  const extended = [...list.matchAll(/"(\.[^"]*)"/g)].map(([, name]) => {
    const found = resolve(dirname(path), name as string);
    return existsSync(found) && statSync(found).isFile() ? found : `${found}.json`;
  });
  return [path, ...extended.flatMap((one) => extendedSettings(one, depth + 1))];
}

/** `"greet": "file:vendor/greet-1.0.0.tgz"`, or a directory. */
function localPackages(manifest: string, top: string): string[] {
  if (!existsSync(manifest)) return [];
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(manifest, "utf8")) as Record<
    string,
    Record<string, string> | undefined
  >;
  return Object.values({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter((range) => range.startsWith("file:"))
    .map((range) => resolve(dirname(manifest), range.slice("file:".length)))
    .flatMap((path) => {
      if (!existsSync(path)) return [];
      if (isBelow(path, top)) return filesAt(path);
      throw new TenonError("CODE_NOT_PACKED", {
        doing: `packing the code of the project ${dirname(manifest)}`,
        found: `it depends on ${path}, which lies outside of ${top}`,
        fix: "Put it below that directory, or install the package from a registry.",
      });
    });
}

/** Settings of package managers may hold passwords: those lines stay here, references to the environment go along. */
function withoutSecrets(path: string, content: Buffer): Buffer {
  if (!/[\\/](\.npmrc|\.yarnrc(\.yml)?|bunfig\.toml)$/.test(path)) return content;
  const lines = content.toString("utf8").split("\n");
  const isSecret = (line: string) =>
    /(auth|password|token|secret|ident|username)\w*["']?\s*[:=]/i.test(line) && !/\$\{\w+(:?-)?\}/.test(line);
  return Buffer.from(lines.filter((line) => !isSecret(line)).join("\n"));
}

function commonDirectory(directory: string, file: string): string {
  let common = directory;
  while (!isBelow(file, common)) common = dirname(common);
  return common;
}

export function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function tooLarge(): TenonError {
  return new TenonError("CODE_NOT_PACKED", {
    doing: "packing the code of the run",
    found: `its files come to more than ${mostBytes / 2 ** 20} MiB`,
    fix: "Bring data in as an artifact (external, a datasource) instead of listing it under the step's 'files'.",
  });
}
