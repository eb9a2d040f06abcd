import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The frames of a stack trace that lie in the user's own code: Node's, packages' and Tenon's frames are dropped. Of several
 * stacks the innermost with such frames counts: that is where it began. If none has any, what lies before Tenon's own frames
 * is better than nothing.
 */
export function userFrames(stacks: readonly string[], limit = 8): string[] {
  const innermostFirst = [...stacks].reverse().map(frames);
  for (const all of innermostFirst) {
    const own = all.filter((frame) => !isForeign(frame));
    if (own.length > 0) return own.slice(0, limit);
  }
  for (const all of innermostFirst) {
    const tenons = all.findIndex(isTenons);
    const before = tenons < 0 ? all : all.slice(0, tenons);
    if (before.length > 0) return before.slice(0, limit);
  }
  return [];
}

/** True for a frame of Node's, of a package, or of Tenon's. */
export function isForeign(frame: string): boolean {
  const place = placeOf(frame);
  return nowhere.test(place) || /[\\/]node_modules[\\/]/.test(place) || isTenons(frame);
}

/** In the engine itself, or in Node. */
const nowhere = /^(?:node:|native$|<anonymous>$|index \d+$)/;

/** True in Tenon's own packages, also where these are linked from a workspace. */
function isTenons(frame: string): boolean {
  const place = placeOf(frame);
  if (nowhere.test(place)) return false;
  try {
    const file = place.replace(/:\d+:\d+$/, "").replace(/\?.*$/, "");
    const name = packageName(dirname(file.startsWith("file:") ? fileURLToPath(file) : file));
    return name === "tenon" || name?.startsWith("@tenon/") === true;
  } catch {
    return false;
  }
}

const names = new Map<string, string | undefined>();

function packageName(directory: string): string | undefined {
  if (names.has(directory)) return names.get(directory);
  let name: string | undefined;
  try {
    name = (JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as { name?: string }).name;
  } catch {
    // Not there, or not a package's: look above it.
  }
  const above = dirname(directory);
  if (name === undefined && above !== directory) name = packageName(above);
  names.set(directory, name);
  return name;
}

/** `at run (/project/a.ts:1:2)` and `at async file:///project/a.ts:1:2` without what stands before the place. */
function placeOf(frame: string): string {
  const inBrackets = /\(([^()]*(?:\([^()]*\)[^()]*)*)\)$/.exec(frame)?.[1];
  return inBrackets ?? frame.replace(/^at (?:async )?/, "");
}

function frames(stack: string): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}
