import { ulid } from "ulid";
import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import { formatKey } from "./keys.js";
import { parse, record } from "./text.js";

/** The format of records that this version writes. */
export const ledgerFormat = 1;

export interface LedgerFormat {
  readonly format: number;
  /** The ledger's id, by which an artifact store knows its owner. */
  readonly ledger: string;
  readonly created: string;
}

/**
 * Reads what kind of ledger a store holds; an empty store becomes one. Of several processes that open an empty store at
 * once one decides, and all get its answer.
 *
 * @throws STORE_TOO_NEW if a newer version of Tenon wrote it; STORE_CORRUPT if it holds something else.
 */
export async function openFormat(store: MetadataStore): Promise<LedgerFormat> {
  let value = await store.get(formatKey);
  if (value === undefined) {
    const own: LedgerFormat = { format: ledgerFormat, ledger: ulid(), created: new Date().toISOString() };
    if ((await store.insert([record(formatKey, own)])).inserted) return own;
    value = await store.get(formatKey);
  }
  const found = parse<Partial<LedgerFormat> | null>(formatKey, value ?? "null");
  if (typeof found?.format !== "number" || typeof found.ledger !== "string") {
    throw new TenonError("STORE_CORRUPT", {
      doing: "opening the metadata store",
      found: `the record '${formatKey}' does not say what format the store has`,
      fix: "Check that the stack points to a store of Tenon's, or restore it from a copy.",
    });
  }
  if (found.format > ledgerFormat) {
    throw new TenonError("STORE_TOO_NEW", {
      doing: "opening the metadata store",
      found: `it has format ${found.format}, and this version of Tenon reads formats up to ${ledgerFormat}`,
      fix: "Update @tenon/core in this project, or choose another metadata store.",
      details: { format: found.format, supported: ledgerFormat },
    });
  }
  return found as LedgerFormat;
}
