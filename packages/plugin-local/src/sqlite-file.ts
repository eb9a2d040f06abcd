import { accessSync, closeSync, constants, mkdirSync, openSync, readSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { TenonError } from "@tenon/core";

const header = "SQLite format 3\0";

/**
 * Makes the directory, and looks at what is there before SQLite does, which would take some files that are none of its
 * own for empty databases.
 *
 * @throws STORE_NOT_A_DATABASE, STORE_READ_ONLY, STORE_UNAVAILABLE
 */
export function prepareFile(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    accessSync(dirname(file), constants.W_OK); // SQLite keeps two more files beside it
    const found = statSync(file, { throwIfNoEntry: false });
    if (found !== undefined) accessSync(file, constants.W_OK);
    if (found === undefined || found.size === 0) return;
    if (!found.isFile() || firstBytes(file) !== header) {
      throw new TenonError("STORE_NOT_A_DATABASE", {
        doing: "opening the metadata store",
        found: found.isFile() ? `${file} is not an SQLite database` : `${file} is not a file`,
        fix: "Move it away, or name another file in the stack's metadata store.",
      });
    }
  } catch (error) {
    if (TenonError.is(error)) throw error;
    const { code = "" } = error as NodeJS.ErrnoException;
    const readOnly = code === "EROFS" || code === "EACCES" || code === "EPERM";
    throw new TenonError(readOnly ? "STORE_READ_ONLY" : code === "ENOSPC" ? "STORE_FULL" : "STORE_UNAVAILABLE", {
      doing: "opening the metadata store",
      found: `${file} cannot be used (${code || String(error)})`,
      fix: "See that its directory exists and that you may write there.",
      cause: error,
    });
  }
}

/**
 * Remembers which file a path leads to. SQLite goes on writing to a deleted file without a word, and all of it would be
 * lost.
 */
export function watchFile(file: string): () => void {
  const identity = identify(file);
  return () => {
    const now = identify(file);
    if (now !== undefined && now === identity) return;
    throw new TenonError("STORE_VANISHED", {
      doing: "writing to the metadata store",
      found: `${file} was ${now === undefined ? "deleted" : "replaced"} while it was in use`,
      fix: "What was written since is lost. Start the run again, and leave the state directory alone while one goes on.",
    });
  };
}

function identify(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  return found && `${found.dev}/${found.ino}/${found.birthtimeMs}`;
}

function firstBytes(file: string): string {
  const bytes = Buffer.alloc(header.length);
  const descriptor = openSync(file, "r");
  try {
    return bytes.toString("latin1", 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}
