import { createRequire } from "node:module";
import type { JsonObject } from "../contracts/json.js";
import type { StepProcess } from "../contracts/orchestrator.js";
import type { Project, ProjectCheckout, ProjectOptions } from "../kernel/project.js";
import type { StackRecord } from "../ledger/records.js";

/** The environment variable that holds a bootstrap, as JSON. */
export const bootstrapVariable = "TENON_BOOTSTRAP";

/**
 * All that a fresh process, here or on another machine, is given to do its part of a run. Everything else it finds in the
 * stack. Holds references to secrets, never secrets.
 */
export interface Bootstrap {
  /** Under whose name runs and artifacts are recorded, whatever the directory is called there. */
  readonly project: string;
  readonly stack: StackRecord;
  readonly runId: string;
  /** Digest of the plan. */
  readonly plan: string;
  readonly code: CodePlace;
  readonly task: BootstrapTask;
}

/** Where the process finds the project. */
export type CodePlace = SharedCode;

/** In a directory that all machines see under one name. */
export interface SharedCode {
  readonly kind: "shared";
  readonly directory: string;
  readonly stateDirectory: string;
  readonly checkout?: ProjectCheckout;
}

export type BootstrapTask =
  /** One attempt of a step, which a driver has put on record. */
  | { readonly do: "attempt"; readonly stepId: string; readonly attempt: number }
  /** A whole step, for an engine that walks the plan itself. */
  | { readonly do: "step"; readonly stepId: string; readonly session: number; readonly force: boolean }
  /** The run: a detached driver. */
  | { readonly do: "drive" };

export function sharedCode({ root, stateDirectory, checkout }: Project): SharedCode {
  return { kind: "shared", directory: root, stateDirectory, ...(checkout && { checkout: { ...checkout } }) };
}

/** The project as it is to be opened where the process runs. */
export async function projectOf({ project: name, code }: Bootstrap): Promise<ProjectOptions> {
  const { directory: root, stateDirectory, checkout } = code;
  return { name, root, stateDirectory, ...(checkout && { checkout }) };
}

/** How a process is started that does what a bootstrap says. */
export function bootstrapProcess(bootstrap: Bootstrap, directory: string): StepProcess {
  return {
    command: [process.execPath, workerModule()],
    environment: { [bootstrapVariable]: JSON.stringify(bootstrap) },
    directory,
  };
}

/** As what an attempt server is sent. */
export function asRequest(bootstrap: Bootstrap): JsonObject {
  return bootstrap as unknown as JsonObject;
}

let module: string | undefined;

export function workerModule(): string {
  module ??= createRequire(import.meta.url).resolve("@tenon/core/worker");
  return module;
}
