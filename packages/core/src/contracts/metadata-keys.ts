import { TenonError } from "../errors.js";

/** The longest key in bytes of UTF-8: what every backend can index, with room to spare. */
export const longestKey = 250;

const control = /\p{Cc}/u;
/** Under the flag `u`, only those without their other half. */
const surrogate = /\p{Cs}/u;

/**
 * Refuses a key that some backend could not hold unchanged. Every metadata store calls it on every key that it is given.
 *
 * @throws KEY_INVALID if the key is empty, longer than 250 bytes, or holds control characters or half a surrogate pair.
 */
export function checkMetadataKey(key: string): void {
  const fault = faultOf(key);
  if (fault === undefined) return;
  throw new TenonError("KEY_INVALID", {
    doing: `using the metadata key ${JSON.stringify(key.length > 80 ? `${key.slice(0, 80)}…` : key)}`,
    found: fault,
    fix: `A key is 1 to ${longestKey} bytes of text without control characters.`,
  });
}

function faultOf(key: string): string | undefined {
  if (key === "") return "it is empty";
  if (key.length * 3 > longestKey && Buffer.byteLength(key) > longestKey) {
    return `it has ${Buffer.byteLength(key)} bytes`;
  }
  if (control.test(key)) return "it holds a control character";
  if (surrogate.test(key)) return "it holds half a surrogate pair";
  return undefined;
}

/** Checks the keys of records that are to be inserted together, which must be distinct. */
export function checkDistinctKeys(records: readonly { readonly key: string }[]): void {
  const seen = new Set<string>();
  for (const { key } of records) {
    checkMetadataKey(key);
    if (seen.has(key)) {
      throw new TenonError("KEY_INVALID", {
        doing: "inserting metadata records",
        found: `the key '${key}' is given twice`,
        fix: "Give each key once.",
      });
    }
    seen.add(key);
  }
}
