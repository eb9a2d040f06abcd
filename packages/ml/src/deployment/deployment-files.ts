import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
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
    await keeping(file.name, async () => {
      await writeFile(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`);
      await rename(`${path}.new`, path);
    });
  }

  async read(name: string): Promise<DeploymentFile | undefined> {
    const text = await readFile(this.path(name, "json"), "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as DeploymentFile;
    } catch (cause) {
      throw new TenonError("DEPLOYMENT_FAILED", {
        doing: `reading what is kept of the deployment '${name}'`,
        found: `${this.path(name, "json")} is not what was written there`,
        fix: "Delete the file, and end its server if it still runs.",
        cause,
      });
    }
  }

  /** One at a time works on a deployment: of two servers under one name, one would be found by nobody. */
  async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const path = `${this.path(name, "json")}.lock`;
    await keeping(name, async () => {
      await mkdir(this.directory, { recursive: true });
      while (!(await taken(path))) await setTimeout(50);
    });
    try {
      return await work();
    } finally {
      await rm(path, { force: true });
    }
  }

  async names(): Promise<readonly string[]> {
    const files = await readdir(this.directory).catch(() => [] as string[]);
    return files.flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -".json".length)] : [])).sort();
  }

  async remove(name: string): Promise<void> {
    await rm(this.path(name, "json"), { force: true });
  }
}

const emptyLockMs = 10_000;

/** Puts a lock there unless somebody who still lives holds one. */
async function taken(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const holder = Number(await readFile(path, "utf8").catch(() => ""));
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  const forsaken = holder > 0 ? !lives(holder) : Date.now() - mtimeMs > emptyLockMs;
  if (forsaken) await rm(path, { force: true });
  return false;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** What the file system says, as an error that says what of. */
async function keeping(name: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw new TenonError("DEPLOYMENT_FAILED", {
      doing: `keeping a record of the deployment '${name}'`,
      found: (cause as Error).message,
      fix: "See to it that the project's state directory can be written to and has room.",
      cause,
    });
  }
}
