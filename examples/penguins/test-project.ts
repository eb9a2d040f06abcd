import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;

/** A copy of this project with an empty state, so that tests neither find nor leave anything behind. */
export function copyOfProject(): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "penguins-"));
  for (const name of ["pipeline.ts", "predictions.ts", "src", "package.json", "tenon.yaml"]) {
    cpSync(join(here, name), join(directory, name), { recursive: true });
  }
  symlinkSync(join(here, "node_modules"), join(directory, "node_modules"), "dir");
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }) };
}
