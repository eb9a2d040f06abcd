import { TenonError } from "../errors.js";
import type { Graph, GraphNode } from "../pipeline/graph.js";
import { nearest } from "../pipeline/nearest.js";
import type { Connection } from "../pipeline/wire.js";

/**
 * The calls in an order in which they can run: that of the body, except where `after` asks for another.
 *
 * @throws `PIPELINE_CYCLE`, `STEP_UNKNOWN`
 */
export function orderNodes(graph: Graph): readonly GraphNode[] {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const before = new Map<GraphNode, Set<GraphNode>>();
  for (const node of graph.nodes) {
    const set = new Set<GraphNode>();
    for (const connection of Object.values(node.connections)) collect(connection, set);
    for (const item of node.after) set.add(typeof item === "string" ? named(item, node, byId, graph) : item);
    before.set(node, set);
  }
  const ordered: GraphNode[] = [];
  const state = new Map<GraphNode, "open" | "done">();
  for (const start of graph.nodes) {
    // Depth first without recursion: a chain may be thousands of steps long.
    const path: { readonly node: GraphNode; readonly rest: GraphNode[] }[] = [];
    const open = (node: GraphNode) => {
      state.set(node, "open");
      path.push({ node, rest: [...(before.get(node) ?? [])].reverse() });
    };
    if (!state.has(start)) open(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.pop();
      if (!next) {
        state.set(top.node, "done");
        ordered.push(top.node);
        path.pop();
      } else if (!state.has(next)) {
        open(next);
      } else if (state.get(next) === "open") {
        const circle = path.slice(path.findIndex(({ node }) => node === next)).map(({ node }) => node.id);
        throw new TenonError("PIPELINE_CYCLE", {
          doing: `ordering the steps of pipeline '${graph.pipeline}'`,
          found: `they wait for each other: ${[...circle, next.id].reverse().join(" → ")}`,
          fix: "Take one of these names out of 'after'.",
        });
      }
    }
  }
  return ordered;
}

function collect(connection: Connection, into: Set<GraphNode>): void {
  if (connection.kind === "output") into.add(connection.node as GraphNode);
  if (connection.kind === "each") collect(connection.list, into);
  if (connection.kind === "list") for (const item of connection.items) collect(item, into);
}

function named(id: string, node: GraphNode, byId: ReadonlyMap<string, GraphNode>, graph: Graph): GraphNode {
  const found = byId.get(id);
  if (found) return found;
  const names = [...byId.keys()];
  throw new TenonError("STEP_UNKNOWN", {
    doing: `reading 'after' of step '${node.id}' in pipeline '${graph.pipeline}'`,
    found: `there is no step '${id}'; ${names.length > 12 ? `it has ${names.length} steps` : `its steps are ${names.join(", ")}`}`,
    ...nearest(id, names),
  });
}
