import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { registerMaterializer } from "@tenon/core";
import integration from "../integration.js";

const packages = join(import.meta.dirname, "../../node_modules/@tenon");

/** A project on disk with the local stack, for tests of whole pipelines; what it saves is saved by this package's sources. */
export function temporaryProject(): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), "tenon-ml-"));
  mkdirSync(join(directory, "node_modules/@tenon"), { recursive: true });
  for (const name of ["core", "plugin-local"]) {
    symlinkSync(join(packages, name), join(directory, "node_modules/@tenon", name), "dir");
  }
  const dependencies = { "@tenon/core": "*", "@tenon/plugin-local": "*" };
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "birds", type: "module", dependencies }));
  writeFileSync(join(directory, "tenon.yaml"), "project: birds\n");
  for (const materializer of integration.materializers) registerMaterializer(materializer);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }) };
}
