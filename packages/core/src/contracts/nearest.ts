import { distance } from "fastest-levenshtein";

/** The known name that a mistyped one most likely meant; `undefined` if none is near. Case does not count. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(name.length > 3 ? 2 : 1, Math.floor(name.length * 0.4)) + 1;
  for (const candidate of known) {
    const found = distance(name.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
}

/** `Did you mean 'fit'?`, or what else there is to be known. */
export function suggest(name: string, known: Iterable<string>, otherwise?: string): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? otherwise : `Did you mean '${nearest}'?`;
}
