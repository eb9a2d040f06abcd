/** What became of what: artifacts and the steps between them. Edges point from a source to what was made of it. */
export interface LineageGraph {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly LineageEdge[];
}

export interface LineageNode {
  /** Unique in the graph. */
  readonly id: string;
  readonly kind: "artifact" | "step";
  /** One line: `model@3`, `fit`. */
  readonly label: string;
  /** A second, smaller line: `structured, 1.2 MB`, `penguins, run 01JD…`. */
  readonly detail?: string;
}

export interface LineageEdge {
  readonly from: string;
  readonly to: string;
}

export type LineageDirection = "upstream" | "downstream";

/** The neighbours of every node in a direction, each once, in the order of the edges. */
export function neighbours(graph: LineageGraph, direction: LineageDirection): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>(graph.nodes.map(({ id }) => [id, new Set()]));
  for (const { from, to } of graph.edges) {
    const [here, there] = direction === "upstream" ? [to, from] : [from, to];
    if (found.has(there)) found.get(here)?.add(there);
  }
  return new Map([...found].map(([id, others]) => [id, [...others]]));
}
