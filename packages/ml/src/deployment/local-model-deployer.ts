import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ComponentContext, type ErrorCode, TenonError } from "@tenon/core";
import { type DeploymentFile, DeploymentFiles } from "./deployment-files.js";
import type { LocalDeployerConfig } from "./local-deployer.js";
import type { Deployment, DeploymentRequest, ModelDeployer } from "./model-deployer.js";
import type { ServeFailure, ServeTask, ServeTold } from "./serve.js";

/** The patience for a server that ends: its own, and a little more. */
const drainMs = 35_000;

/** Serves each model by a process of its own on this machine, which lives on after the one that started it. */
export class LocalModelDeployer implements ModelDeployer {
  readonly #files: DeploymentFiles;
  readonly #context: Pick<ComponentContext<LocalDeployerConfig>, "config" | "project" | "stack">;

  constructor(context: Pick<ComponentContext<LocalDeployerConfig>, "config" | "project" | "stack">) {
    this.#context = context;
    this.#files = new DeploymentFiles(context.project.stateDirectory);
  }

  async deploy(request: DeploymentRequest): Promise<Deployment> {
    const name = request.name ?? request.model;
    return this.#files.alone(name, () => this.#replace(name, request));
  }

  async #replace(name: string, request: DeploymentRequest): Promise<Deployment> {
    const former = await this.#files.read(name);
    const served = former !== undefined && (await this.#end(former));
    try {
      return await this.#begin(name, this.#task(request));
    } catch (error) {
      // A request that cannot be met, such as for a version that there is not, takes nothing away from those who ask.
      if (served) await this.#begin(name, { ...this.#task(former.request), port: portOf(former) }).catch(() => {});
      throw error;
    }
  }

  async #begin(name: string, task: ServeTask): Promise<Deployment> {
    const { id, request } = task;
    const { pid, url, version } = await this.#start(name, task);
    const file: DeploymentFile = { id, name, request, pid, url, version };
    try {
      await this.#files.write(file);
    } catch (error) {
      // Nobody would find it again.
      await this.#end(file);
      throw error;
    }
    return deploymentOf(file, "serving");
  }

  async serve(request: DeploymentRequest): Promise<void> {
    const { serveUntilTold } = await import("./serve.js");
    await serveUntilTold(this.#task(request));
  }

  async list(): Promise<readonly Deployment[]> {
    const files = await Promise.all((await this.#files.names()).map((name) => this.#files.read(name)));
    return Promise.all(
      files
        .flatMap((file) => file ?? [])
        .map(async (file) => {
          const answer = await answerOf(file);
          return deploymentOf(answer ? { ...file, version: answer.version } : file, answer ? "serving" : "stopped");
        }),
    );
  }

  async undeploy(name: string): Promise<void> {
    const file = await this.#files.read(name);
    if (file === undefined) {
      const known = await this.#files.names();
      throw new TenonError("DEPLOYMENT_UNKNOWN", {
        doing: `ending the deployment '${name}'`,
        found: known.length === 0 ? "there are none" : `there are ${known.join(", ")}`,
        fix: "Name one of them.",
      });
    }
    await this.#end(file);
    await this.#files.remove(name);
  }

  #task(request: DeploymentRequest): ServeTask {
    const { config, project, stack } = this.#context;
    return { id: randomUUID(), request, directory: project.root, stack: stack.name, ...config };
  }

  async #start(name: string, task: ServeTask): Promise<Pick<DeploymentFile, "pid" | "url" | "version">> {
    const logPath = this.#files.path(name, "log");
    const log = await open(logPath, "w");
    try {
      const child = spawn(process.execPath, [serverModule(), JSON.stringify(task)], {
        cwd: task.directory,
        detached: true,
        stdio: ["ignore", log.fd, log.fd, "ipc"],
      });
      const told = await new Promise<ServeTold>((resolve) => {
        child.once("message", (message) => resolve(message as ServeTold));
        child.once("error", (error) => resolve({ failed: { found: error.message } }));
        child.once("exit", (code, signal) =>
          resolve({ failed: { found: `its process ended with ${signal ?? `exit code ${code}`}` } }),
        );
      });
      child.removeAllListeners();
      if (child.connected) child.disconnect();
      child.unref();
      if ("failed" in told) throw await failure(told.failed, name, logPath);
      return { ...told, pid: child.pid as number };
    } finally {
      await log.close();
    }
  }

  /** Only a process that answers with the deployment's own id is ended. Returns whether there was one. */
  async #end(file: DeploymentFile): Promise<boolean> {
    if (!(await answerOf(file))) return false;
    signal(file.pid, "SIGTERM");
    for (const end = Date.now() + drainMs; Date.now() < end; await setTimeout(25)) {
      if (!signal(file.pid, 0)) return true;
    }
    signal(file.pid, "SIGKILL");
    return true;
  }
}

export function create(context: ComponentContext<LocalDeployerConfig>): ModelDeployer {
  return new LocalModelDeployer(context);
}

/** `dist/serve.js` of this package, from whichever file of it this is. */
function serverModule(): string {
  return fileURLToPath(import.meta.resolve("@tenon/ml/serve"));
}

async function answerOf({ url, id, request }: DeploymentFile): Promise<{ readonly version: string } | undefined> {
  try {
    const path = `/v2/models/${encodeURIComponent(request.model)}`;
    const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(2000) });
    if (response.headers.get("tenon-deployment") !== id) return undefined;
    const { versions } = (await response.json()) as { versions: string[] };
    return { version: versions[0] as string };
  } catch {
    return undefined;
  }
}

function deploymentOf({ name, request, version, url }: DeploymentFile, status: Deployment["status"]): Deployment {
  const { model, stage } = request;
  return { name, model, version, ...(stage !== undefined && { stage }), status, url };
}

/** What the server's process said of its failure. */
async function failure(failed: ServeFailure, name: string, logPath: string): Promise<TenonError> {
  const { code, doing, found, fix } = failed;
  const log = (await readFile(logPath, "utf8").catch(() => "")).trim().split("\n").slice(-5).join("\n");
  return new TenonError((code as ErrorCode | undefined) ?? "DEPLOYMENT_FAILED", {
    doing: doing ?? `starting the deployment '${name}'`,
    found: code === undefined && log !== "" ? `${found}; its log ends with:\n${log}` : found,
    ...(fix !== undefined && { fix }),
  });
}

function portOf({ url }: DeploymentFile): number {
  return Number(new URL(url).port);
}

/** Returns whether the process is there to be told. */
function signal(pid: number, which: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, which);
    return true;
  } catch {
    return false;
  }
}
