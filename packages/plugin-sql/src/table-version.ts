import { TenonError } from "@tenon/core";

/** The version of the table that this version makes. */
export const tableVersion = 1;

const text = /^Tenon metadata, table version (\d+)$/;

/** Recorded as the table's comment, so that it is made with the table and read without touching records. */
export const tableComment = `Tenon metadata, table version ${tableVersion}`;

/** @throws STORE_TOO_NEW, STORE_NOT_A_DATABASE */
export function checkTableComment(comment: string, table: string, server: string): void {
  const [, found] = text.exec(comment) ?? [];
  if (found === undefined) {
    throw new TenonError("STORE_NOT_A_DATABASE", {
      doing: "opening the metadata store",
      found: `the table ${table} of ${server} was not made by Tenon`,
      fix:
        "Give the metadata store another 'table' or another database. Where a copy lost the table's comment, set it again to " +
        `'${tableComment}'.`,
    });
  }
  if (Number(found) > tableVersion) {
    throw new TenonError("STORE_TOO_NEW", {
      doing: "opening the metadata store",
      found: `the table ${table} of ${server} has version ${found}, and this version of Tenon reads versions up to ${tableVersion}`,
      fix: "Update @tenon/plugin-sql in this project, or choose another metadata store.",
      details: { version: Number(found), supported: tableVersion },
    });
  }
}
