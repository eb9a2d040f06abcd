import { isDeepStrictEqual } from "node:util";
import type { JsonValue } from "../contracts/json.js";
import type { Page, PageRequest } from "./listing.js";

/** Metadata by name: a value that it has to equal, or a function that judges it (`undefined` if there is none). */
export type Where = Readonly<Record<string, JsonValue | ((value: JsonValue | undefined) => boolean)>>;

/** No index answers this: every record of the list is read until enough fit, and the page says how many (`scanned`). */
export function fitsWhere(metadata: Readonly<Record<string, JsonValue>>, where: Where): boolean {
  return Object.entries(where).every(([name, wanted]) => {
    const value = Object.hasOwn(metadata, name) ? metadata[name] : undefined;
    return typeof wanted === "function" ? wanted(value) : isDeepStrictEqual(value, wanted);
  });
}

/** A page of what `more` brings, past what does not fit; counts what was looked at. */
export async function scanPage<T>(
  { limit, after }: PageRequest & { readonly limit: number },
  more: (after: string | undefined, limit: number) => Promise<{ readonly items: readonly T[]; readonly next?: string }>,
  fits: (item: T) => boolean | Promise<boolean>,
  cursorOf: (item: T) => string,
): Promise<Page<T>> {
  const items: T[] = [];
  let scanned = 0;
  let place = after;
  for (;;) {
    const page = await more(place, Math.max(limit, 50));
    for (const item of page.items) {
      scanned += 1;
      if (!(await fits(item))) continue;
      items.push(item);
      if (items.length === limit) return { items, next: cursorOf(item), scanned };
    }
    if (page.next === undefined) return { items, scanned };
    place = page.next;
  }
}
