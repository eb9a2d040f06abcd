import { distance } from "fastest-levenshtein";

/** The known name that a mistyped one most likely meant; `undefined` if none is near. Case does not count. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(name.length > 3 ? 2 : 1, Math.floor(name.length * 0.4)) + 1;
  for (const candidate of known) {
    const found = difference(name.toLowerCase(), candidate.toLowerCase());
    if (found < bestDistance) [best, bestDistance] = [candidate, found];
  }
  return best;
}

/** Letters that changed places count as one slip. */
function difference(a: string, b: string): number {
  return a !== b && a.length === b.length && sorted(a) === sorted(b) ? 1 : distance(a, b);
}

function sorted(text: string): string {
  return [...text].sort().join("");
}

/** `Did you mean 'fit'?`, or what else there is to be known. */
export function suggest(name: string, known: Iterable<string>, otherwise?: string): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? otherwise : `Did you mean '${nearest}'?`;
}
