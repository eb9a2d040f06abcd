import { assertKey, TenonError } from "@tenon/core";

const unlistable = /[\p{Cc}\p{Surrogate}]/u;

/** Whether no key can begin with it: then it need not be asked for. */
export function isNoPrefix(prefix: string): boolean {
  return unlistable.test(prefix);
}

export function isKey(key: string): boolean {
  try {
    assertKey(key);
    return true;
  } catch (error) {
    if (TenonError.is(error, "KEY_INVALID")) return false;
    throw error;
  }
}

/** What to put before the keys: `team/ml/` for `/team/ml`. */
export function rootOf(prefix = ""): string {
  const trimmed = prefix.replace(/^\/+|\/+$/g, "");
  if (trimmed === "") return "";
  assertKey(trimmed);
  return `${trimmed}/`;
}
