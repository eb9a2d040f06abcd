import type { FirstDifference } from "./first-difference.js";

/** A first difference as a clause for people: `at $.rows[3].weight in data.json: 3.5 against 3.6`. */
export function describeDifference(difference: FirstDifference): string {
  switch (difference.kind) {
    case "format":
      return `stored as ${difference.left} against ${difference.right}`;
    case "file":
      return `the file ${difference.file} is in the ${difference.only === "left" ? "first" : "second"} only`;
    case "json": {
      const line = difference.line === undefined ? "" : ` in line ${difference.line}`;
      return `at ${difference.path}${line} of ${difference.file}: ${against(difference)}`;
    }
    case "text":
      return `in line ${difference.line}, column ${difference.column} of ${difference.file}: ${against(difference)}`;
    case "bytes":
      return `at byte ${difference.offset} of ${difference.file}: ${against(difference)}`;
  }
}

function against({ left, right }: { readonly left?: string; readonly right?: string }): string {
  return `${left ?? "nothing"} against ${right ?? "nothing"}`;
}
