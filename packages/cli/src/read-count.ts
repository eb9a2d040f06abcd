import { usageError } from "./usage-error.js";

/** The value of an option that counts something. */
export function readCount(flag: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1) return count;
  throw usageError(`reading the option ${flag}`, `'${text}' is not a whole number of at least 1`);
}
