import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Ended, execute } from "./project.js";
import { workspace } from "./sources.js";

const pnpm = ["--yes", "pnpm@10.34.9"];
const yarn = ["--yes", "--package", "@yarnpkg/cli-dist@4.9.4", "yarn"];

/** The packages that a project installs, with the directories that they are packed from. */
export const packed = {
  "@tenon/core": "packages/core",
  "@tenon/plugin-local": "packages/plugin-local",
  tenon: "packages/cli",
  "tenon-integration-scratch": "examples/third-party-integration",
} as const;

export type Manager = "npm" | "pnpm" | "yarn" | "yarn with Plug'n'Play";

/** Packs packages as they would be published. Returns the tarballs by package name. */
export async function pack(
  directory: string,
  sources: Readonly<Record<string, string>> = packed,
): Promise<Record<string, string>> {
  mkdirSync(directory, { recursive: true });
  const filters = Object.values(sources).flatMap((source) => ["--filter", `./${source}`]);
  await succeed("npx", [...pnpm, "--recursive", ...filters, "pack", "--pack-destination", directory], workspace);
  const tarballs = Object.entries(sources).map(([name, source]) => {
    const { version } = JSON.parse(readFileSync(join(workspace, source, "package.json"), "utf8"));
    return [name, join(directory, `${name.replace("@", "").replace("/", "-")}-${version}.tgz`)];
  });
  return Object.fromEntries(tarballs);
}

/**
 * Puts SQLite's native part, as the workspace has it, where `prebuild-install` looks first: the installs below would
 * otherwise compile it once each where it cannot be downloaded.
 */
export async function prebuiltSqlite(directory: string): Promise<string> {
  const keyv = createRequire(join(workspace, "packages/plugin-local/package.json")).resolve("@keyv/sqlite");
  const file = createRequire(keyv).resolve("sqlite3/package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  const version = Math.max(
    ...manifest.binary.napi_versions.filter((one: number) => one <= Number(process.versions.napi)),
  );
  const binary = "build/Release/node_sqlite3.node";
  const content = join(directory, "content");
  mkdirSync(dirname(join(content, binary)), { recursive: true });
  copyFileSync(join(dirname(file), binary), join(content, binary));
  const name = `sqlite3-v${manifest.version}-napi-v${version}-${process.platform}-${process.arch}.tar.gz`;
  await succeed("tar", ["-czf", join(directory, name), "-C", content, "build"], directory);
  return directory;
}

/** Installs the tarballs and zod into an empty project outside the workspace. Returns its directory. */
export async function install(manager: Manager, tarballs: Readonly<Record<string, string>>, prebuilt: string) {
  const directory = mkdtempSync(join(tmpdir(), "tenon-installed-"));
  const dependencies: Record<string, string> = { zod: "^4.0.0" };
  for (const [name, tarball] of Object.entries(tarballs)) dependencies[name] = `file:${tarball}`;
  const manifest = {
    name: "installed",
    version: "1.0.0",
    private: true,
    type: "module",
    dependencies,
    pnpm: { onlyBuiltDependencies: ["sqlite3", "esbuild"] },
    ...(manager.startsWith("yarn") ? { resolutions: otherPlatforms() } : {}),
  };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  const registry = (await succeed("npm", ["config", "get", "registry"], directory)).stdout.trim();
  const env = {
    CI: "true",
    npm_config_sqlite3_local_prebuilds: prebuilt,
    YARN_NPM_REGISTRY_SERVER: registry.replace(/\/$/, ""),
    YARN_ENABLE_IMMUTABLE_INSTALLS: "false",
    YARN_ENABLE_TELEMETRY: "false",
    YARN_NODE_LINKER: manager === "yarn" ? "node-modules" : "pnp",
  };
  if (manager === "npm")
    await succeed("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], directory, env);
  else if (manager === "pnpm") await succeed("npx", [...pnpm, "install", "--prefer-offline"], directory, env);
  else {
    writeFileSync(join(directory, "yarn.lock"), "");
    await succeed("npx", [...yarn, "install"], directory, env);
  }
  return directory;
}

/** Yarn and npm's lockfiles want the native parts for every platform, also those that a mirror of the registry may not have. */
export function otherPlatforms(replacement = "link:./nothing"): Record<string, string> {
  const core = createRequire(join(workspace, "packages/core/package.json"));
  const tools = [
    core.resolve("rolldown/package.json"),
    createRequire(core.resolve("tsx/package.json")).resolve("esbuild/package.json"),
  ];
  const names = tools.flatMap((tool) => {
    const { optionalDependencies = {} } = JSON.parse(readFileSync(tool, "utf8"));
    return Object.keys(optionalDependencies).filter(
      (name) => !existsSync(join(tool, "../..", name)) && !existsSync(join(tool, "../../..", name)),
    );
  });
  return Object.fromEntries(names.map((name) => [name, replacement]));
}

/** The names of all packages in a project's `node_modules`, at any depth. */
export function installedPackages(directory: string): string[] {
  const names = new Set<string>();
  const visit = (modules: string): void => {
    if (!existsSync(modules)) return;
    for (const entry of readdirSync(modules, { withFileTypes: true })) {
      if (entry.name.startsWith(".") && entry.name !== ".pnpm") continue;
      const path = join(modules, entry.name);
      if (entry.name === ".pnpm") {
        for (const one of readdirSync(path)) visit(join(path, one, "node_modules"));
      } else if (entry.name.startsWith("@")) {
        for (const one of readdirSync(path)) found(`${entry.name}/${one}`, join(path, one), entry.isSymbolicLink());
      } else found(entry.name, path, entry.isSymbolicLink());
    }
  };
  const found = (name: string, path: string, link: boolean): void => {
    if (!existsSync(join(path, "package.json"))) return;
    names.add(name);
    if (!link) visit(join(path, "node_modules"));
  };
  visit(join(directory, "node_modules"));
  return [...names].sort();
}

export async function succeed(program: string, argv: readonly string[], cwd: string, env = {}): Promise<Ended> {
  const ended = await execute(program, argv, { cwd, env });
  if (ended.code === 0) return ended;
  throw new Error(`${program} ${argv.join(" ")} ended with ${ended.code}:\n${ended.stdout}\n${ended.stderr}`);
}
