import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TenonError } from "../errors.js";

/**
 * Writes a plan to `pipelines/<name>/<digest>.yaml` under a project, unless it is there. A reader never sees half of it.
 *
 * @param digest as in `Compiled`, `sha256:…` @returns the absolute path
 * @throws `STORE_READ_ONLY` if the directory cannot be written
 */
export function savePlan(
  compiled: { readonly plan: { readonly pipeline: string }; readonly digest: string; readonly text: string },
  root: string,
): string {
  const directory = join(root, "pipelines", compiled.plan.pipeline);
  const path = join(directory, `${compiled.digest.replace(/^sha256:/, "")}.yaml`);
  if (existsSync(path)) return path;
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(temporary, compiled.text, { flag: "wx" });
    // Whoever else writes it writes the same bytes.
    renameSync(temporary, path);
  } catch (cause) {
    throw new TenonError("STORE_READ_ONLY", {
      doing: `writing the plan ${path}`,
      found: `the file system says ${(cause as Error).message}`,
      fix: "Make the project's directory 'pipelines' writable.",
      cause,
    });
  } finally {
    rmSync(temporary, { force: true });
  }
  return path;
}
