import satisfies from "semver/functions/satisfies.js";
import validRange from "semver/ranges/valid.js";

const plainVersion = /^(\d+)\.(\d+)\.(\d+)$/;
const plainCaret = /^\^([1-9]\d*)\.(\d+)\.(\d+)$/;

export function isRange(range: string): boolean {
  return plainCaret.test(range) || validRange(range) !== null;
}

/** Whether a version lies in a range. Prereleases count as what comes before their release. */
export function fits(version: string, range: string): boolean {
  const found = numbers(plainVersion, version);
  const wanted = numbers(plainCaret, range);
  // Nearly every range is of this form, and the library takes milliseconds to compile its expressions.
  if (found === undefined || wanted === undefined) return satisfies(version, range, { includePrerelease: true });
  const [major, minor, patch] = found;
  const [wantedMajor, wantedMinor, wantedPatch] = wanted;
  return major === wantedMajor && (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch));
}

function numbers(pattern: RegExp, text: string): [number, number, number] | undefined {
  const match = pattern.exec(text);
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])];
}
