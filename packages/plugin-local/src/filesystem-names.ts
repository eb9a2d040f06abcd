/**
 * How keys become paths. A name on disk is readable where it can be, and two keys never meet in one name:
 *
 * - In a path, the last segment is a file and all others are directories, and `a` and `a/b` are both keys. So that a file and a
 *   directory never have one name, a file without a dot and a directory with one get `~` put behind:
 *   `models/v1.2/weights` is `models/v1.2~/weights~`.
 * - Characters that names on disk cannot hold are written as `%` and the hex digits of their bytes, `%` and `~` too.
 * - Names longer than 255 bytes go on in a directory: `<200 bytes>~+/<rest>`.
 *
 * On a file system that takes `a` and `A`, or two Unicode forms, for one name (`folded`), capitals and all that is not ASCII are escaped as well.
 */
export type NameRules = "exact" | "folded";

const longestName = 240;
const pieceLength = 200;

/** Always: what no name can hold, and what has a meaning here. */
const escapedExactly = /[%~\\]/g;
/** Besides: what Windows refuses, and what a folding file system takes for something else. */
const escapedFolding = /[%~\\<>:"|?*A-Z]|\P{ASCII}+|[. ]$|^(?=(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)).|^ /gu;

/** The path of a key's file relative to the root, with `/`. */
export function pathOfKey(key: string, rules: NameRules): string {
  const segments = key.split("/");
  const last = segments.length - 1;
  return segments.map((segment, index) => nameOfSegment(segment, index < last, rules)).join("/");
}

/** The path of a directory of keys; its last segment is a directory too. */
export function pathOfDirectory(segments: readonly string[], rules: NameRules): string {
  return segments.map((segment) => nameOfSegment(segment, true, rules)).join("/");
}

export function nameOfSegment(segment: string, isDirectory: boolean, rules: NameRules): string {
  const escaped = segment.replace(rules === "exact" ? escapedExactly : escapedFolding, percentEncoded);
  const marked = segment.includes(".") === isDirectory ? `${escaped}~` : escaped;
  if (marked.length <= longestName / 4 || Buffer.byteLength(marked) <= longestName) return marked;
  return inPieces(escaped, marked);
}

function inPieces(escaped: string, marked: string): string {
  const mark = marked.slice(escaped.length);
  const pieces: string[] = [];
  let piece = "";
  for (const character of escaped) {
    if (Buffer.byteLength(piece) + Buffer.byteLength(character) > pieceLength) {
      pieces.push(`${piece}~+`);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, `${piece}${mark}`].join("/");
}

/** What a name on disk stands for; undefined for a name that no key has. */
export type ReadName =
  | { readonly kind: "continued"; readonly text: string }
  | { readonly kind: "file" | "directory"; readonly text: string };

/** Reads one name on disk; `before` is the escaped text of the directories that it goes on from. */
export function readName(name: string, isDirectory: boolean, before = ""): ReadName | undefined {
  if (isDirectory && name.endsWith("~+")) return { kind: "continued", text: before + name.slice(0, -2) };
  const text = percentDecoded(before + (name.endsWith("~") ? name.slice(0, -1) : name));
  return text === undefined ? undefined : { kind: isDirectory ? "directory" : "file", text };
}

function percentEncoded(character: string): string {
  let escaped = "";
  for (const byte of Buffer.from(character)) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  return escaped;
}

function percentDecoded(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
