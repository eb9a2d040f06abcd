import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { TenonError } from "../errors.js";
import { findUp } from "../git/find-up.js";
import type { Configuration } from "./configuration.js";

export interface Project {
  readonly name: string;
  /** Absolute. */
  readonly root: string;
  /** Absolute; by default `.tenon` in the root. It need not exist yet. */
  readonly stateDirectory: string;
  /** Where step modules and packages are found: the root, or the project in a checkout of a commit. */
  readonly code: string;
  readonly checkout?: ProjectCheckout;
  /** What `tenon.yaml` says; empty if there is none. */
  readonly config: Configuration;
}

export interface ProjectOptions {
  /** Where the search for the project begins, upwards; by default the working directory. */
  readonly cwd?: string;
  /** The project's directory, if it is known. */
  readonly root?: string;
  readonly stateDirectory?: string;
  /** Whatever the directory calls itself: for a process that works for a run of the project elsewhere. */
  readonly name?: string;
  /** Take the code from here; settings, stores and state stay those of the project. */
  readonly checkout?: ProjectCheckout;
}

/** The project as it was in a commit. */
export interface ProjectCheckout {
  /** The project's directory in it, absolute. */
  readonly directory: string;
  /** The full id. */
  readonly commit: string;
  /** Where the project lies in the repository, with `/`: empty for its top. */
  readonly path: string;
}

/**
 * Finds the project: the nearest directory with a `tenon.yaml`, or else with a `package.json`.
 *
 * @throws `PROJECT_NOT_FOUND`, `PROJECT_CONFIG_INVALID`
 */
export async function openProject(options: ProjectOptions = {}): Promise<Project> {
  const root = options.root === undefined ? findRoot(resolve(options.cwd ?? ".")) : resolve(options.root);
  const file = join(root, "tenon.yaml");
  // The YAML library is loaded only where there is YAML.
  if (!existsSync(file) && existsSync(join(root, "tenon.yml"))) {
    throw new TenonError("PROJECT_CONFIG_INVALID", {
      doing: `opening the project in ${root}`,
      found: "its file is named tenon.yml",
      fix: "Rename it to tenon.yaml.",
    });
  }
  const config = existsSync(file) ? await (await import("./configuration.js")).readConfiguration(file) : {};
  return {
    name: options.name ?? config.project ?? packageName(root) ?? basename(root),
    root,
    stateDirectory: resolve(root, options.stateDirectory ?? ".tenon"),
    code: options.checkout?.directory ?? root,
    ...(options.checkout && { checkout: options.checkout }),
    config,
  };
}

function findRoot(start: string): string {
  return (
    findUp(start, "tenon.yaml") ??
    findUp(start, "package.json") ??
    fail(`neither it nor a directory above it has a tenon.yaml or a package.json`, start)
  );
}

function fail(found: string, start: string): never {
  throw new TenonError("PROJECT_NOT_FOUND", {
    doing: `looking for a Tenon project from ${start} upwards`,
    found,
    fix: "Run tenon init, or npm init, in the project's directory.",
  });
}

function packageName(root: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" && name !== "" ? name : undefined;
  } catch {
    return undefined;
  }
}
