// Bundles every package into a few files (many small ones cost start-up time) and writes their type declarations.
// Usage: node scripts/build.mjs [--no-types] [package …]
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const withTypes = !process.argv.includes("--no-types");

async function bundle(directory) {
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const output = join(directory, "dist");
  const external = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const groups = (manifest.tenonChunks ?? []).map((file) => join(directory, file));
  const imports = new Map();
  const groupOf = chunkGroups(groups, imports);
  const build = await rolldown({
    plugins: [{ name: "imports", moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds) }],
    input: manifest.tenonBuild ?? entries(manifest),
    cwd: directory,
    platform: "node",
    // Entries may hand more than their own names to other files: their chunks are put together below.
    preserveEntrySignatures: "allow-extension",
    external: (id) => id.startsWith("node:") || external.some((name) => id === name || id.startsWith(`${name}/`)),
    logLevel: "warn",
  });
  const { output: written } = await build.write({
    dir: output,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name]-[hash].js",
    // The names of what chunks hand each other stay: a step is recognised by the import called `step`.
    minifyInternalExports: false,
    ...(groups.length > 0 && {
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ name: (id) => groupOf(id), debugName: "start-up" }],
      },
    }),
  });
  // Not called after a licence: the file LICENSE is packed with a package only if nothing in it looks like one.
  writeFileSync(join(output, "third-party-notices.txt"), licenses(written));
  // Stale files go last, so that a process that runs meanwhile finds what it needs.
  const current = new Set(["third-party-notices.txt", ...written.map(({ fileName }) => fileName)]);
  for (const { name, parentPath } of readdirSync(output, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )) {
    const file = relative(output, join(parentPath, name));
    if (!file.startsWith("types") && !current.has(file)) rmSync(join(output, file));
  }
}

/**
 * What is always loaded together becomes one file: all that each of these modules imports at once, as far as an earlier
 * one of them does not. Fifty small files cost a start tens of milliseconds.
 */
function chunkGroups(roots, imports) {
  let groups;
  const gather = () => {
    groups = new Map();
    for (const root of roots) {
      const open = [root];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        if (groups.has(id) || !imports.has(id)) continue;
        groups.set(id, basename(root, ".ts"));
        open.push(...imports.get(id));
      }
    }
    return groups;
  };
  return (id) => (groups ?? gather()).get(id) ?? null;
}

/** The licences of the packages whose code went into the bundle, as they ask for. */
function licenses(written) {
  const packages = new Set();
  for (const id of written.flatMap(({ moduleIds }) => moduleIds ?? [])) {
    const found = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id);
    if (found) packages.add(found[0]);
  }
  const texts = [...packages].map((directory) => {
    const { name, version, license } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? readFileSync(join(directory, file), "utf8").trim() : "";
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return texts.sort().join(`\n${"-".repeat(80)}\n\n`);
}

/** `./dist/testing.js` is built from `src/testing.ts` or `src/testing/index.ts`. */
function entries(manifest) {
  const files = [...Object.values(manifest.exports ?? {}), ...Object.values(manifest.bin ?? {})]
    .map((target) => (typeof target === "string" ? target : target.default))
    .filter((target) => target.startsWith("./dist/"));
  return Object.fromEntries(
    files.map((file) => {
      const name = file.slice("./dist/".length, -".js".length);
      return [name, `./src/${name === "testing" ? "testing/index" : name}.ts`];
    }),
  );
}

function types(projects) {
  return new Promise((resolve, reject) => {
    const compiler = spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-b", ...projects], {
      cwd: root,
      stdio: "inherit",
    });
    compiler.on("error", reject);
    compiler.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`tsc ended with exit code ${code}`))));
  });
}

const packages = readdirSync(join(root, "packages")).filter((name) => wanted.length === 0 || wanted.includes(name));
const directories = packages.map((name) => join(root, "packages", name));
try {
  await Promise.all([...directories.map(bundle), ...(withTypes ? [types(directories)] : [])]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
