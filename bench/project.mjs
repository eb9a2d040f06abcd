// A project in a temporary directory that uses the packages of this workspace, as a user's project would use installed ones.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packages = {
  "@tenon/core": join(root, "packages/core"),
  "@tenon/plugin-local": join(root, "packages/plugin-local"),
  tenon: join(root, "packages/cli"),
  zod: join(root, "packages/core/node_modules/zod"),
};

/**
 * @param {Record<string, string>} files  names to contents
 * @param {string[]} more  directories of further packages that it uses: `ml`
 */
export function makeProject(files = {}, more = []) {
  const directory = mkdtempSync(join(tmpdir(), "tenon-bench-project-"));
  const manifest = { name: "bench-project", private: true, type: "module", dependencies: {} };
  const further = more.map((name) => [`@tenon/${name}`, join(root, "packages", name)]);
  for (const [name, path] of [...Object.entries(packages), ...further]) {
    const link = join(directory, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(path, link, "dir");
    manifest.dependencies[name] = "*";
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(directory, "tenon.yaml"), "project: bench\n");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const aside = `${directory}-aside`;
  return {
    directory,
    tenon: join(root, "packages/cli/bin/tenon.js"),
    copyTo: (target) => cpSync(directory, target, { recursive: true }),
    forget: () => setAside(join(directory, ".tenon"), aside),
    remove: () => {
      for (const path of [directory, aside]) rmSync(path, { recursive: true, force: true });
    },
  };
}

/**
 * Takes a directory away without deleting it: file systems do not use the places of files again that were deleted a moment
 * ago, and look for others, which makes whatever is measured next slow.
 */
export function setAside(path, aside) {
  if (!existsSync(path)) return;
  mkdirSync(aside, { recursive: true });
  renameSync(path, join(aside, String(readdirSync(aside).length)));
}
