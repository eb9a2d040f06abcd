import type { LineageGraph, LineageNode } from "./lineage-graph.js";

/** A graph as a Mermaid flowchart, for READMEs and pages that draw such. */
export function lineageMermaid(graph: LineageGraph): string {
  const names = new Map(graph.nodes.map(({ id }, index) => [id, `n${index}`]));
  const nodes = graph.nodes.map((node) => `  ${names.get(node.id)}${shape(node)}:::${node.kind}`);
  const edges = graph.edges
    .filter(({ from, to }) => names.has(from) && names.has(to))
    .map(({ from, to }) => `  ${names.get(from)} --> ${names.get(to)}`);
  return `${["flowchart LR", ...nodes, ...edges, ...styles].join("\n")}\n`;
}

/** Strokes only, so that the diagram's own light or dark theme keeps its say. */
const styles = [
  "  classDef artifact stroke:#2f7ed8,stroke-width:2px",
  "  classDef step stroke:#b0702a,stroke-width:2px",
];

function shape({ kind, label, detail }: LineageNode): string {
  const text = `"${escaped(label)}${detail === undefined ? "" : `<br/>${escaped(detail)}`}"`;
  return kind === "artifact" ? `[${text}]` : `([${text}])`;
}

/** As Mermaid's numbered entities: all that its grammar, its Markdown or HTML could take for something else. */
function escaped(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .replace(/[^\p{L}\p{N} .,@/:=+-]|^[\s\-+=]|(?<=^\d+)\./gu, (character) => `#${character.codePointAt(0)};`);
}
