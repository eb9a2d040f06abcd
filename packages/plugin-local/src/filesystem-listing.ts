import { lstatSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { compareKeys, type ObjectEntry } from "@tenon/core";
import { systemCode } from "./filesystem-errors.js";
import { type NameRules, nameOfSegment, readName } from "./filesystem-names.js";

export interface Listing {
  readonly rules: NameRules;
  readonly after: string | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Found {
  /** A segment, with `/` behind if it is a directory: in this order keys come in byte order. */
  readonly text: string;
  readonly path: string;
}

/** The keys below a directory whose first segment starts with `partial`, in byte order. */
export async function* keysBelow(
  path: string,
  keyPrefix: string,
  partial: string,
  listing: Listing,
): AsyncGenerator<ObjectEntry, void> {
  const { after } = listing;
  const found: Found[] = [];
  await readSegments(path, "", "", listing, found);
  const wanted = found.filter(({ text }) => text.startsWith(partial));
  wanted.sort((a, b) => compareKeys(a.text, b.text));
  for (const { text, path: entryPath } of wanted) {
    const key = keyPrefix + text;
    const isBefore = after !== undefined && compareKeys(key, after) <= 0;
    if (text.endsWith("/")) {
      if (isBefore && !after.startsWith(key)) continue;
      yield* keysBelow(entryPath, key, "", listing);
    } else if (!isBefore) {
      const facts = lstatSync(entryPath, { throwIfNoEntry: false });
      if (facts?.isFile()) yield { key, size: facts.size };
    }
  }
}

/** Names that no key has are passed over, and so are links. */
async function readSegments(path: string, before: string, name: string, listing: Listing, found: Found[]) {
  listing.signal?.throwIfAborted();
  for (const entry of await entriesOf(path)) {
    const isDirectory = entry.isDirectory();
    if (!isDirectory && !entry.isFile()) continue;
    const read = readName(entry.name, isDirectory, before);
    if (!read) continue;
    const entryPath = join(path, entry.name);
    const whole = `${name}${entry.name}`;
    if (read.kind === "continued") await readSegments(entryPath, read.text, `${whole}/`, listing, found);
    else if (nameOfSegment(read.text, isDirectory, listing.rules) === whole) {
      found.push({ text: isDirectory ? `${read.text}/` : read.text, path: entryPath });
    }
  }
}

async function entriesOf(path: string) {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    const code = systemCode(error);
    // It may have been pruned since its name was read.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG") return [];
    throw error;
  }
}
