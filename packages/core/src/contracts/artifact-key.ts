import { TenonError } from "../errors.js";

/** The longest key, in bytes of UTF-8. */
export const maximumKeyBytes = 900;

const control = /\p{Cc}/u;
const loneSurrogate = /\p{Surrogate}/u;

/** What is wrong with a key of an artifact store, as a clause; undefined if it is valid. See `ArtifactStore`. */
export function keyFault(key: string): string | undefined {
  if (key === "") return "it is empty";
  if (key.length > maximumKeyBytes || (key.length * 3 > maximumKeyBytes && Buffer.byteLength(key) > maximumKeyBytes))
    return `it is longer than ${maximumKeyBytes} bytes`;
  if (control.test(key)) return "it has a control character in it";
  if (loneSurrogate.test(key)) return "it has half of a surrogate pair in it";
  for (const segment of key.split("/")) {
    if (segment === "") return "it has an empty segment";
    if (segment === "." || segment === "..") return `it has the segment '${segment}'`;
  }
  return undefined;
}

/**
 * For implementers of `ArtifactStore`: refuses what is no key.
 * @throws `KEY_INVALID`
 */
export function assertKey(key: string): void {
  const fault = keyFault(key);
  if (fault === undefined) return;
  throw new TenonError("KEY_INVALID", {
    doing: `using the key ${JSON.stringify(key.length > 120 ? `${key.slice(0, 120)}…` : key)} in an artifact store`,
    found: fault,
    fix: "A key is segments joined by '/', none of them empty, '.' or '..', without control characters.",
  });
}
