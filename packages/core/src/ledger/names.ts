import { TenonError } from "../errors.js";

/** The longest names in bytes, escapes counted: with them every key of the ledger stays within 250 bytes. */
export const longestNames = {
  project: 50,
  pipeline: 100,
  artifact: 100,
  model: 60,
  step: 100,
  tag: 60,
  run: 32,
  version: 32,
} as const;

export type NameKind = keyof typeof longestNames;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
const unsafe = /[%/\u0000-\u001f\u007f-\u009f]/g;
const surrogate = /\p{Cs}/u;

/**
 * A name as one part of a key: `/`, `%` and control characters are escaped, all else stays, so that keys can be read.
 *
 * @throws KEY_INVALID if the name is empty, too long, or holds half a surrogate pair.
 */
export function keyPart(kind: NameKind, name: string): string {
  const part = name.replace(unsafe, (character) => encodeURIComponent(character));
  const limit = longestNames[kind];
  if (name !== "" && (part.length * 3 <= limit || Buffer.byteLength(part) <= limit) && !surrogate.test(name)) {
    return part;
  }
  throw new TenonError("KEY_INVALID", {
    doing: `recording something under the ${kind} name ${JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name)}`,
    found:
      name === ""
        ? "it is empty"
        : surrogate.test(name)
          ? "it holds half a surrogate pair"
          : `it has ${Buffer.byteLength(part)} bytes, escapes counted`,
    fix: `Choose a name of 1 to ${limit} bytes.`,
  });
}

/** The name that a part of a key stands for. */
export function nameOf(part: string): string {
  return decodeURIComponent(part.replace(/%(?![0-9A-F]{2})/g, "%25"));
}
