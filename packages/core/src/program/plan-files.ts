import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Project } from "../kernel/project.js";
import type { Stores } from "./stores.js";

/** Where the plan with this digest lies in a project. */
export function planFile(root: string, pipeline: string, digest: string): string {
  return join(root, "pipelines", pipeline, `${hexOf(digest)}.yaml`);
}

/** Keeps a plan in the project (fit for git), in the ledger, and beside the artifacts. */
export async function savePlan(
  { code }: Project,
  { ledger, stack }: Stores,
  { pipeline, digest, text }: { readonly pipeline: string; readonly digest: string; readonly text: string },
): Promise<void> {
  const key = `${ledger.id}/${ledger.project}/plans/${hexOf(digest)}.yaml`;
  const save = async () => {
    if (await stack.artifactStore.stat(key)) return;
    await stack.artifactStore.write(key, new TextEncoder().encode(text), { ifAbsent: true });
  };
  await Promise.all([writeOnce(planFile(code, pipeline, digest), text), ledger.savePlan(digest, text), save()]);
}

async function writeOnce(file: string, text: string): Promise<void> {
  if (existsSync(file)) return;
  await mkdir(dirname(file), { recursive: true });
  // Two runs of one process may write the same plan.
  const temporary = `${file}.${randomUUID()}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, "");
}
