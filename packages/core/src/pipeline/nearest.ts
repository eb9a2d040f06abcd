import { suggest } from "../contracts/nearest.js";

/** The fix of an error about a misspelt name, if one of the names that there are comes near it. */
export function nearest(name: string, names: readonly string[]): { fix?: string } {
  const fix = suggest(name, names);
  return fix === undefined ? {} : { fix };
}
