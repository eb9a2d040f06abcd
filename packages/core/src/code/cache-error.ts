import { hostname } from "node:os";
import { TenonError } from "../errors.js";

const full = new Set(["ENOSPC", "EDQUOT"]);
const closed = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR"]);
const elsewhere = "name another directory: code: { bundle: { cache: … } }.";

/** What the file system of a machine says about its cache, with what to do about it; other errors stay as they are. */
export function cacheError(error: unknown, cache: string): unknown {
  if (!(error instanceof Error) || TenonError.is(error)) return error;
  const { code = "", syscall } = error as NodeJS.ErrnoException;
  // Node says so of a directory that it can not make on a file system that is read-only.
  const isClosed = closed.has(code) || (code === "ENOENT" && syscall === "mkdir");
  if (!full.has(code) && !isClosed) return error;
  return new TenonError("CODE_NOT_INSTALLED", {
    doing: `unpacking the run's code into ${cache} on ${hostname()}`,
    found: error.message,
    fix: full.has(code)
      ? `Make room on that disk, where the cache can be deleted whenever no job runs, or ${elsewhere}`
      : `Let the user that runs jobs write there, or ${elsewhere}`,
    cause: error,
  });
}
