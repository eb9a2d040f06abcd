import { type LineageDirection, type LineageGraph, type LineageNode, neighbours } from "./lineage-graph.js";

export interface LineageTreeOptions {
  /** Levels below the root that are shown; by default 100. What is left out is counted. */
  readonly depth?: number;
  /** Only ASCII characters, for terminals without others. */
  readonly ascii?: boolean;
  /** How a node is written; by default its label, then its detail. */
  readonly format?: (node: LineageNode) => string;
}

interface Place {
  readonly id: string;
  readonly prefix: string;
  readonly isLast: boolean;
  readonly depth: number;
}

/**
 * A graph as a tree of text from one node on. What several branches share is written where it comes first; elsewhere
 * `(see above)` stands after it. Ends with a line break. Empty if the root is not in the graph.
 */
export function lineageTree(
  graph: LineageGraph,
  rootId: string,
  direction: LineageDirection,
  { depth: limit = 100, ascii = false, format = described }: LineageTreeOptions = {},
): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const next = neighbours(graph, direction);
  const lines = ascii ? asciiLines : boxLines;
  const written = new Set<string>();
  const text: string[] = [];
  // Not by recursion: a chain may be longer than the stack.
  const waiting: Place[] = [{ id: rootId, prefix: "", isLast: true, depth: 0 }];
  for (let place = waiting.pop(); place; place = waiting.pop()) {
    const node = nodes.get(place.id);
    if (!node) continue;
    const { id, prefix, isLast, depth } = place;
    const branch = depth === 0 ? "" : prefix + (isLast ? lines.last : lines.middle);
    const below = depth === 0 ? "" : prefix + (isLast ? lines.nothing : lines.passing);
    const children = next.get(id) ?? [];
    const again = written.has(id);
    written.add(id);
    text.push(`${branch}${format(node)}${again && children.length > 0 ? " (see above)" : ""}\n`);
    if (again || children.length === 0) continue;
    if (depth >= limit) text.push(`${below}${lines.last}${ascii ? "..." : "…"} ${leftOut(children.length)}\n`);
    else {
      children.forEach((_, index) => {
        const child = children[children.length - 1 - index] ?? "";
        waiting.push({ id: child, prefix: below, isLast: index === 0, depth: depth + 1 });
      });
    }
  }
  return text.join("");
}

const boxLines = { middle: "├─ ", last: "└─ ", passing: "│  ", nothing: "   " };
const asciiLines = { middle: "|- ", last: "`- ", passing: "|  ", nothing: "   " };

function described({ label, detail }: LineageNode): string {
  return oneLine(detail === undefined ? label : `${label}  ${detail}`);
}

/** Control characters would move a terminal's cursor. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ");
}

function leftOut(count: number): string {
  return `${count} more below, deeper than shown`;
}
