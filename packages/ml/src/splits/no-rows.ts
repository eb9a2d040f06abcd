import { TenonError } from "@tenon/core";

export function noRows(what: string, rows: number): TenonError {
  return new TenonError("SPLIT_EMPTY", {
    doing: "splitting rows",
    found: `${what} has no rows, of ${rows} in all`,
    fix: "Give it a greater share, or the split more rows.",
  });
}
