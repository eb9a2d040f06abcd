import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { otherPlatforms, pack, prebuiltSqlite, succeed } from "./packed.js";
import type { Project } from "./project.js";

interface Package {
  readonly manifest: object;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Installs with npm what a project needs, Tenon and the given packages included, from tarballs in the project, and gives
 * it the lockfile of that.
 */
export async function vendored(project: Project, packages: Readonly<Record<string, Package>>): Promise<void> {
  rmSync(project.path("node_modules"), { recursive: true });
  const dependencies: Record<string, string> = { zod: "^4.0.0" };
  const { "tenon-integration-scratch": _, ...tarballs } = await pack(project.path("vendor"));
  for (const [name, tarball] of Object.entries(tarballs)) dependencies[name] = `file:vendor/${basename(tarball)}`;
  for (const [name, { manifest, files }] of Object.entries(packages)) {
    const directory = project.path("sources", name);
    mkdirSync(directory, { recursive: true });
    const own = { name, version: "1.0.0", type: "module", ...manifest };
    writeFileSync(join(directory, "package.json"), JSON.stringify(own));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
    const { stdout } = await succeed(
      "npm",
      ["pack", "--silent", "--pack-destination", project.path("vendor")],
      directory,
    );
    dependencies[name] = `file:vendor/${stdout.trim().split("\n").at(-1)}`;
  }
  rmSync(project.path("sources"), { recursive: true });
  const overrides = otherPlatforms("npm:is-number@^7.0.0");
  project.write(
    "package.json",
    JSON.stringify({ name: "test-project", private: true, type: "module", dependencies, overrides }),
  );
  // What npm is told here, it is told on every machine.
  mkdirSync(project.path("prebuilt"));
  project.write(
    ".npmrc",
    `prefer-offline=true\nsqlite3_local_prebuilds=${await prebuiltSqlite(project.path("prebuilt"))}\n`,
  );
  await succeed("npm", ["install", "--no-audit", "--no-fund"], project.directory);
}
