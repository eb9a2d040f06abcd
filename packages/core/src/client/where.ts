import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "../contracts/json.js";

/** Metadata by name: a value that it has to equal, or a function that judges it (`undefined` if there is none). */
export type Where = Readonly<Record<string, JsonValue | ((value: JsonValue | undefined) => boolean)>>;

/** No index answers this: every record of the list is read until enough fit, and the page says how many (`scanned`). */
export function fitsWhere(metadata: Readonly<Record<string, JsonValue>>, where: Where): boolean {
  return Object.entries(where).every(([name, wanted]) => {
    const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    return typeof wanted === "function" ? wanted(value) : isDeepStrictEqual(value, wanted);
  });
}
