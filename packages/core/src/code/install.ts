import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { TenonError } from "../errors.js";
import type { BundleDescription } from "./bundle-files.js";
import { makeOnce } from "./once.js";

type Packages = NonNullable<BundleDescription["packages"]>;

/** So many of the first and of the last lines that an installer says go into the error. */
const linesKept = 12;

/**
 * Installs what a bundle's lockfile names, once for all bundles that have the same one.
 *
 * @param source the unpacked bundle @param cache where installations are kept
 * @returns the directory that has the bundle's manifests, and beside each its `node_modules`
 * @throws `CODE_NOT_INSTALLED`
 */
export async function installedPackages(
  { packages, path }: BundleDescription & { readonly packages: Packages },
  source: string,
  cache: string,
  signal?: AbortSignal,
): Promise<string> {
  const place = join(cache, await stateOf(packages, source));
  await makeOnce(
    place,
    async (draft) => {
      for (const file of packages.files) {
        await mkdir(dirname(join(draft, file)), { recursive: true });
        await copyFile(join(source, file), join(draft, file));
      }
      await install(await commandOf(packages, path, draft), join(draft, packages.directory), signal);
    },
    signal,
  );
  return place;
}

/** All that decides what is installed: the files, and for what machine. */
async function stateOf({ manager, files }: Packages, source: string): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([manager, process.platform, process.arch, process.versions.modules]));
  for (const file of files)
    hash.update(JSON.stringify([file, (await readFile(join(source, file))).toString("base64")]));
  return hash.digest("hex");
}

/** None of them may change the lockfile. */
async function commandOf({ manager, directory }: Packages, path: string, draft: string): Promise<string[]> {
  if (manager === "npm") return ["npm", "ci", "--no-audit", "--no-fund"];
  if (manager === "pnpm") {
    const only =
      path === directory ? [] : ["--filter", `./${path.slice(directory === "" ? 0 : directory.length + 1)}...`];
    return ["pnpm", "install", "--frozen-lockfile", ...only];
  }
  if (manager === "bun") return ["bun", "install", "--frozen-lockfile"];
  const text = await readFile(join(draft, directory, "yarn.lock"), "utf8");
  return ["yarn", "install", text.includes("\n__metadata:") ? "--immutable" : "--frozen-lockfile"];
}

async function install([program = "", ...args]: string[], directory: string, signal?: AbortSignal): Promise<void> {
  const doing = `installing the packages of the run's code with ${[program, ...args].join(" ")}`;
  const lines: string[] = [];
  const child = spawn(program, args, {
    cwd: directory,
    env: { ...process.env, PATH: searchPath(), CI: "true" },
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
    ...(signal && { signal }),
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      lines.push(...text.split("\n").filter((line) => line.trim() !== ""));
      const left = lines.length - 2 * linesKept;
      if (left > 0) lines.splice(linesKept, left + 1, "…");
    });
  }
  await new Promise<void>((done, reject) => {
    child.on("error", (cause) => {
      signal?.throwIfAborted();
      reject(failed(doing, `it cannot be started: ${cause.message}`, `Install ${program} on the machine.`, cause));
    });
    child.on("close", (code) => {
      if (code === 0) return done();
      const said = lines.length > 0 ? `, and said:\n${lines.join("\n")}\n` : "";
      reject(failed(doing, `it ended with exit code ${code}${said}`, "See what it said."));
    });
  });
}

/** Beside Node lies its package manager, also for a process that was given no search path. */
function searchPath(): string {
  return [dirname(process.execPath), process.env.PATH ?? ["/usr/local/bin", "/usr/bin", "/bin"].join(delimiter)].join(
    delimiter,
  );
}

function failed(doing: string, found: string, fix: string, cause?: unknown): TenonError {
  const runtime =
    'Where machines cannot install, let them use what they have: code: { bundle: { packages: "runtime" } }.';
  return new TenonError("CODE_NOT_INSTALLED", {
    doing,
    found,
    fix: `${fix} ${runtime}`,
    ...(cause !== undefined && { cause }),
  });
}
