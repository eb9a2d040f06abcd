import { TenonError } from "@tenon/core";
import type { DeploymentRequest } from "./model-deployer.js";
import { serveModel } from "./serve-model.js";

/** What a process that serves is told to do. Plain data. */
export interface ServeTask {
  readonly id: string;
  readonly request: DeploymentRequest;
  readonly directory: string;
  readonly stack: string;
  readonly host?: string;
  readonly port?: number;
  readonly largestBody?: number;
}

/** What it tells whoever started it. */
export type ServeTold = { readonly url: string; readonly version: string } | { readonly failed: ServeFailure };

/** What an error says that has to come from one process to another. */
export interface ServeFailure {
  readonly code?: string;
  readonly doing?: string;
  readonly found: string;
  readonly fix?: string;
}

/** Serves until the process is told to end: SIGTERM and SIGINT drain, SIGHUP looks for another version. */
export async function serveUntilTold(task: ServeTask, ready: (told: ServeTold) => void = () => {}): Promise<void> {
  const say = (text: string) => console.log(`${new Date().toISOString()} ${text}`);
  const serving = await serveModel({ ...task, onEvent: say, onError: (error) => say(textOf(error)) });
  const reload = () => void serving.reload();
  process.on("SIGHUP", reload);
  ready({ url: serving.url, version: serving.version });
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
  await serving.close();
  process.off("SIGHUP", reload);
}

export function textOf(error: unknown): string {
  if (TenonError.is(error)) return `${error.code} ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
