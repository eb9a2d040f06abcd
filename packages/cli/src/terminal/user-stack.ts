/**
 * The frames of a stack trace that lie in the user's own code: Node's and packages' frames are dropped, unless there
 * would be nothing left. Of several stacks the innermost with such frames counts: that is where it began.
 */
export function userFrames(stacks: readonly string[], limit = 8): string[] {
  for (const stack of [...stacks].reverse()) {
    const own = frames(stack).filter((frame) => !foreign.test(frame));
    if (own.length > 0) return own.slice(0, limit);
  }
  for (const stack of [...stacks].reverse()) {
    const all = frames(stack);
    if (all.length > 0) return all.slice(0, limit);
  }
  return [];
}

const foreign = /\(?node:|[\\/]node_modules[\\/]|[\\/](core|cli|plugin-local)[\\/]dist[\\/]|<anonymous>/;

/** True for a frame of Node's or of a package. */
export function isForeign(frame: string): boolean {
  return foreign.test(frame);
}

function frames(stack: string): string[] {
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}
