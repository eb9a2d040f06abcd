import { closest, distance } from "fastest-levenshtein";

/** The fix of an error about a misspelt name, if one of the names there are comes near it. */
export function nearest(name: string, names: readonly string[]): { fix?: string } {
  if (names.length === 0) return {};
  const candidate = closest(name, names as string[]);
  const near = distance(name.toLowerCase(), candidate.toLowerCase()) <= Math.max(2, Math.floor(candidate.length / 3));
  return near ? { fix: `Did you mean '${candidate}'?` } : {};
}
