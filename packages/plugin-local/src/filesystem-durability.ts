import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes the names in a directory outlive a loss of power. */
export function fsyncDirectory(path: string): void {
  // Windows cannot open directories; there NTFS keeps names in its journal.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
