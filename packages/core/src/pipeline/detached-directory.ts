import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const made = new Set<string>();

/** A temporary directory for a step that is called by itself. What it returns may lie there: it stays until the process ends. */
export async function detachedDirectory(): Promise<string> {
  if (made.size === 0) process.once("exit", removeAll);
  // Garbage collection knows the name, should the process be killed.
  const path = await mkdtemp(join(tmpdir(), `tenon-${process.pid}-`));
  made.add(path);
  return path;
}

function removeAll(): void {
  for (const path of made) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // It may not stand in the way of the others, nor of how the process ends.
    }
  }
}
