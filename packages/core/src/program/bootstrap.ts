import { createRequire } from "node:module";
import { join } from "node:path";
import type { JsonObject } from "../contracts/json.js";
import type { StepProcess } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
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
export type CodePlace = SharedCode | BundledCode;

/** In a directory that all machines see under one name. */
export interface SharedCode {
  readonly kind: "shared";
  readonly directory: string;
  readonly stateDirectory: string;
  readonly checkout?: ProjectCheckout;
  /** Where it was unpacked from; what this process starts elsewhere unpacks it there. */
  readonly bundle?: BundledCode;
}

/** Packed, and stored beside the artifacts; its fields are those of `BundleSetting`. */
export interface BundledCode {
  readonly kind: "bundle";
  /** Of its bytes, `sha256:…`. */
  readonly digest: string;
  /** In the stack's artifact store. */
  readonly key: string;
  readonly runtime: string;
  readonly packages: "install" | "runtime";
  readonly cache?: string;
  readonly node?: string;
}

export type BootstrapTask =
  /** One attempt of a step, which a driver has put on record. */
  | {
      readonly do: "attempt";
      readonly stepId: string;
      readonly attempt: number;
      /** Where the code could be another one: without this fingerprint it does not run. */
      readonly fingerprint?: string;
    }
  /** A whole step, for an engine that walks the plan itself. */
  | { readonly do: "step"; readonly stepId: string; readonly session: number; readonly force: boolean }
  /** The run: a detached driver. */
  | { readonly do: "drive"; readonly resume: boolean };

export function sharedCode({ root, stateDirectory, checkout }: Project): SharedCode {
  return { kind: "shared", directory: root, stateDirectory, ...(checkout && { checkout: { ...checkout } }) };
}

/** The project as it is to be opened where the process runs. */
export function projectOf({ project: name, code }: Bootstrap): ProjectOptions {
  if (code.kind === "bundle") {
    const found = "its code has not been unpacked on this machine";
    throw new TenonError("INTERNAL", { doing: `opening the project '${name}'`, found });
  }
  const { directory: root, stateDirectory, checkout } = code;
  return { name, root, stateDirectory, ...(checkout && { checkout }) };
}

/** How a process is started that does what a bootstrap says. */
export function bootstrapProcess(bootstrap: Bootstrap, directory: string): StepProcess {
  const { code } = bootstrap;
  const environment = { [bootstrapVariable]: JSON.stringify(bootstrap) };
  if (code.kind === "shared") return { command: [process.execPath, workerModule()], environment, directory };
  const { node = process.execPath, runtime } = code;
  return { command: [node, workerIn(runtime)], environment, directory: runtime };
}

/** Of the core that a runtime has; a runtime that is not on this machine has it at its top. */
export function workerIn(runtime: string): string {
  try {
    return createRequire(join(runtime, "package.json")).resolve("@tenon/core/worker");
  } catch {
    return join(runtime, "node_modules/@tenon/core/dist/program/worker.js");
  }
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
