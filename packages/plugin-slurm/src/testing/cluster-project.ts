import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const workspace = fileURLToPath(new URL("../../../..", import.meta.url));

/** A user's project in a directory that all nodes see, with the workspace's packages as if they were installed. */
export class ClusterProject {
  readonly #dependencies: Record<string, string> = {};
  readonly directory = mkdtempSync(join(tmpdir(), "tenon-slurm-project-"));

  constructor(files: Readonly<Record<string, string>> = {}) {
    const names = ["core", "plugin-local", "plugin-sql", "plugin-slurm"];
    this.depend(...names.map((name) => `@tenon/${name}`));
    this.write("tenon.yaml", "project: cluster\n");
    for (const name of names) this.link(`@tenon/${name}`, `packages/${name}`);
    this.link("tenon", "packages/cli");
    this.link("zod", "packages/plugin-slurm/node_modules/zod");
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  write(name: string, text: string): string {
    const file = this.path(name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Names packages among the project's dependencies. */
  depend(...packages: readonly string[]): void {
    for (const name of packages) this.#dependencies[name] = "*";
    const dependencies = this.#dependencies;
    this.write("package.json", JSON.stringify({ name: "cluster", private: true, type: "module", dependencies }));
  }

  /** Makes a package of the workspace one of the project's. */
  link(name: string, directory: string): void {
    this.linkTo(name, join(workspace, directory));
  }

  linkTo(name: string, directory: string): void {
    const link = this.path("node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(directory, link, "dir");
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
