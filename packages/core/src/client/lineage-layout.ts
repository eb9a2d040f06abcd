import type { LineageGraph, LineageNode } from "./lineage-graph.js";

export interface LineageLayout {
  /** In pixels, margins included. */
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

export interface PlacedNode extends LineageNode {
  /** The left upper corner. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What there is room for. */
  readonly shownLabel: string;
  readonly shownDetail: string | undefined;
}

export interface PlacedEdge {
  readonly points: readonly Point[];
}

/** Finds a place for every node, in ranks from left to right. Edges of unknown nodes are left out. */
export async function layOut(graph: LineageGraph): Promise<LineageLayout> {
  const dagre = await import("@dagrejs/dagre");
  const drawing = new dagre.Graph();
  drawing.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 46, edgesep: 8, marginx: 16, marginy: 16 });
  drawing.setDefaultEdgeLabel(() => ({}));
  // Names of our own: dagre joins names with a separator that an id could contain.
  const names = new Map(graph.nodes.map(({ id }, index) => [id, String(index)]));
  const boxes = graph.nodes.map((node) => ({ ...node, ...box(node) }));
  for (const [index, { width, height }] of boxes.entries()) drawing.setNode(String(index), { width, height });
  for (const { from, to } of graph.edges) {
    const [source, target] = [names.get(from), names.get(to)];
    if (source !== undefined && target !== undefined) drawing.setEdge(source, target);
  }
  dagre.layout(drawing);
  const { width = 0, height = 0 } = drawing.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(Math.max(width, 32)),
    height: Math.ceil(Math.max(height, 32)),
    nodes: boxes.map((node, index) => {
      const { x = 0, y = 0 } = drawing.node(String(index)) as { x?: number; y?: number };
      return { ...node, x: x - node.width / 2, y: y - node.height / 2 };
    }),
    edges: drawing.edges().map(({ v, w }: { v: string; w: string }) => {
      const { points } = drawing.edge(v, w) as { points: Point[] };
      // Between neighbouring ranks the point in the middle only makes a detour.
      const bends = points.length > 3 ? points.slice(1, -1) : [];
      return { points: [side(drawing.node(v), 1), ...bends, side(drawing.node(w), -1)] };
    }),
  };
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The middle of a box's right (1) or left (-1) side: dagre's own ends may lie on its top or bottom. */
function side({ x, y, width }: Point & { width: number }, which: 1 | -1): Point {
  return { x: x + (which * width) / 2, y };
}

const widest = 240;
const padding = 14;

function box({ kind, label, detail }: LineageNode) {
  const shownLabel = fitted(label, 13);
  const shownDetail = detail === undefined || detail === "" ? undefined : fitted(detail, 11);
  const text = Math.max(textWidth(shownLabel, 13), shownDetail === undefined ? 0 : textWidth(shownDetail, 11));
  const width = Math.max(64, Math.ceil(text) + 2 * padding + (kind === "step" ? 8 : 0));
  return { shownLabel, shownDetail, width, height: shownDetail === undefined ? 32 : 46 };
}

/** Shortened in its middle: names differ at their ends, versions stand there. */
function fitted(text: string, size: number): string {
  const characters = [...text.replace(/\s+/gu, " ")];
  if (textWidth(text, size) <= widest) return characters.join("");
  let keep = characters.length - 1;
  const shortened = () => [
    ...characters.slice(0, Math.ceil(keep / 2)),
    "…",
    ...characters.slice(-Math.floor(keep / 2)),
  ];
  while (keep > 2 && textWidth(shortened().join(""), size) > widest) keep = Math.min(keep - 1, Math.floor(keep * 0.97));
  return shortened().join("");
}

/** In pixels, rather too wide than too narrow: nobody knows the viewer's font. */
function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    if (/[\u1100-\u11ff\u2e80-\uffdc\u{1f300}-\u{1faff}\u{20000}-\u{3ffff}]/u.test(character)) width += 1.05;
    else if (/[mwMW@%…—]/.test(character)) width += 0.9;
    else if (/[A-Z]/.test(character)) width += 0.7;
    else if (/[iljtf.,:;'|!()[\] ]/.test(character)) width += 0.36;
    else width += 0.6;
  }
  return width * size;
}
