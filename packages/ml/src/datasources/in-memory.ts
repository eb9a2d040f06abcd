import type { Rows } from "../vocabulary/row.js";
import type { RowSource } from "./row-source.js";

/** Rows that the program has already, or a function that makes them. */
export function inMemory(rows: Rows | (() => Rows | Promise<Rows>)): RowSource {
  return {
    kind: "memory",
    description: "rows in memory",
    read: async () => (typeof rows === "function" ? rows() : rows),
  };
}
