import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TenonError } from "@tenon/core";
import type { DeploymentRequest } from "./model-deployer.js";

/** What is kept of a deployment on this machine, in a file of its own. */
export interface DeploymentFile {
  /** Said by the server in a header: a process id alone may be another's by now. */
  readonly id: string;
  readonly name: string;
  readonly request: DeploymentRequest;
  readonly pid: number;
  readonly url: string;
  readonly version: string;
}

const nameOfDeployment = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** The files of a project's deployments. */
export class DeploymentFiles {
  readonly directory: string;

  constructor(stateDirectory: string) {
    this.directory = join(stateDirectory, "deployments");
  }

  /** @throws `DEPLOYMENT_FAILED` for a name that cannot be that of a file */
  path(name: string, ending: "json" | "log"): string {
    if (nameOfDeployment.test(name)) return join(this.directory, `${name}.${ending}`);
    throw new TenonError("DEPLOYMENT_FAILED", {
      doing: `naming a deployment '${name}'`,
      found: "it is no name of letters, digits, '.', '_' and '-'",
      fix: "Give it another name.",
    });
  }

  async write(file: DeploymentFile): Promise<void> {
    const path = this.path(file.name, "json");
    await mkdir(this.directory, { recursive: true });
    await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
    await rename(`${path}.new`, path);
  }

  async read(name: string): Promise<DeploymentFile | undefined> {
    const text = await readFile(this.path(name, "json"), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    return text === undefined ? undefined : (JSON.parse(text) as DeploymentFile);
  }

  async names(): Promise<readonly string[]> {
    const files = await readdir(this.directory).catch(() => [] as string[]);
    return files.flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : [])).sort();
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name, "json"), { force: true });
  }
}
