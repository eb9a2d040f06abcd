import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { Kernel } from "@tenon/core/internal";
import type { Invocation } from "./command.js";
import { dependencyLines } from "./terminal/dependencies.js";
import { usageError } from "./usage-error.js";

/** A file as it was in a commit, checked out beside the project. */
export interface Committed {
  /** Relative to the directory. */
  readonly file: string;
  readonly directory: string;
  readonly checkout: NonNullable<Kernel["project"]["checkout"]>;
}

/**
 * What `pipeline.ts@<commit>` means; `undefined` for anything else. From then on the process works in the checkout, so
 * that files which the code opens are those of the commit.
 */
export async function findCommitted(
  { directory, options, terminal }: Invocation,
  given: string | undefined,
): Promise<Committed | undefined> {
  const [, file, revision] = /^(.+\.(?:[cm]?[jt]s|tsx|ya?ml))@([^@]+)$/.exec(given ?? "") ?? [];
  if (given === undefined || file === undefined || revision === undefined || existsSync(resolve(directory, given))) {
    return undefined;
  }
  const { openKernel, checkoutProject } = await import("@tenon/core/internal");
  const kernel = await openKernel({ cwd: directory });
  try {
    const inside = relative(kernel.project.root, resolve(directory, file));
    if (inside.startsWith("..") || isAbsolute(inside)) {
      throw usageError(`reading '${given}'`, "it lies outside the project", "Name a file of the project.");
    }
    const { project: checkout, dependencies } = await checkoutProject(kernel.project, revision);
    if (!options.json) for (const line of dependencyLines(dependencies, terminal)) terminal.note(line);
    process.chdir(checkout.directory);
    return { file: inside, directory: checkout.directory, checkout };
  } finally {
    await kernel.dispose();
  }
}
