import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a directory and all that lies in it, also below directories that were made read-only. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, removal);
  } catch (error) {
    if (!["EACCES", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    await makeWritable(path);
    await rm(path, removal);
  }
}

// Something may still write there: a directory that was empty is not.
const removal = { recursive: true, force: true, maxRetries: 3 };

async function makeWritable(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true }))
    if (entry.isDirectory()) await makeWritable(join(directory, entry.name));
}
