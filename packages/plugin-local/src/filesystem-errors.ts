import { existsSync } from "node:fs";
import { TenonError } from "@tenon/core";

const readOnly = new Set(["EACCES", "EPERM", "EROFS"]);
const full = new Set(["ENOSPC", "EDQUOT"]);

/** The coded error for what the file system said; Tenon's own errors and cancellations stay as they are. */
export function storeError(error: unknown, doing: string, root: string): unknown {
  const code = systemCode(error);
  if (code === undefined || TenonError.is(error)) return error;
  const found = (error as Error).message;
  if (readOnly.has(code)) {
    return new TenonError("STORE_READ_ONLY", {
      doing,
      found,
      fix: `Give the user that runs Tenon the right to write to ${root}, or configure another path.`,
      cause: error,
    });
  }
  if (full.has(code)) {
    return new TenonError("STORE_FULL", {
      doing,
      found,
      fix: "Make room on that disk (tenon gc removes what nothing refers to), then go on with tenon run resume.",
      cause: error,
    });
  }
  if (code === "ENOENT" && !existsSync(root)) {
    return new TenonError("STORE_VANISHED", {
      doing,
      found: `the directory ${root} has been deleted while it was in use`,
      fix: "Restore it from a backup, or start again with an empty state directory.",
      cause: error,
    });
  }
  return new TenonError("STORE_UNAVAILABLE", { doing, found, cause: error });
}

export function systemCode(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return error instanceof Error && typeof code === "string" ? code : undefined;
}
