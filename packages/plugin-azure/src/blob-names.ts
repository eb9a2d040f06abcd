import { assertKey, compareKeys } from "@tenon/core";
import { pack, packPrefix, unpack } from "./packed-key.js";

/**
 * How keys are named. The service takes `\` for `/`, advises against segments that end with a dot, allows 254 segments,
 * and does not say how it orders what lies beyond the first Unicode plane. A plain key is its own name; any other is
 * packed, in a directory of its own. Each of the two kinds is listed in the order of its keys.
 */
export interface NamedKind {
  /** What the names of all keys with this prefix begin with. */
  prefix(prefix: string): string;
  /** The key of a name; undefined if the name is of the other kind, or of somebody else. */
  key(name: string): string | undefined;
}

const packedDirectory = "~packed/";
const mostSegments = 200;
const plainText = /^[\u0020-\u005b\u005d-\u007e\p{L}\p{N}\p{M}]+$/u;
const atypicalEnd = /[. ](\/|$)/;

function isPlain(key: string): boolean {
  if (!plainText.test(key) || atypicalEnd.test(key) || key.startsWith(packedDirectory) || key === "~packed")
    return false;
  if (key.normalize("NFC") !== key || key.split("/").length > mostSegments) return false;
  for (let index = 0; index < key.length; index += 1) if (key.charCodeAt(index) >= 0xd800) return false;
  return true;
}

/** Others may have put there what no key names: `folder/`. */
function isKey(name: string): boolean {
  try {
    assertKey(name);
    return true;
  } catch {
    return false;
  }
}

export class BlobNames {
  readonly #root: string;
  readonly kinds: readonly NamedKind[];

  constructor(root: string) {
    this.#root = root;
    const packedRoot = root + packedDirectory;
    this.kinds = [
      {
        prefix: (prefix) => root + prefix,
        key(name) {
          const key = name.slice(root.length);
          return isKey(key) && isPlain(key) ? key : undefined;
        },
      },
      {
        prefix: (prefix) => packedRoot + packPrefix(prefix),
        key(name) {
          const key = unpack(name.slice(packedRoot.length));
          return isKey(key) && !isPlain(key) ? key : undefined;
        },
      },
    ];
  }

  name(key: string): string {
    return this.#root + (isPlain(key) ? key : packedDirectory + pack(key));
  }
}

/** Puts two lists in order together. */
export function merged<T extends { readonly key: string }>(a: readonly T[], b: readonly T[]): T[] {
  if (b.length === 0) return [...a];
  if (a.length === 0) return [...b];
  return [...a, ...b].sort((left, right) => compareKeys(left.key, right.key));
}
