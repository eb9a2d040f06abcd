import type { LineageGraph, LineageNode } from "./lineage-graph.js";
import { layOut, type PlacedEdge, type PlacedNode } from "./lineage-layout.js";

export interface LineageSvgOptions {
  /** What the picture is of: its accessible name. */
  readonly title?: string;
  /** Drawn with a stronger outline: the node that was asked for. */
  readonly focus?: string;
}

/**
 * A graph as an SVG picture that needs nothing from elsewhere, follows the viewer's light or dark setting, and says
 * what it shows to those who cannot see it. Sources stand on the left.
 */
export async function lineageSvg(graph: LineageGraph, { title, focus }: LineageSvgOptions = {}): Promise<string> {
  const layout = await layOut(graph);
  const name = title ?? `Lineage: ${graph.nodes.length} nodes, ${graph.edges.length} edges`;
  const size = `width="${layout.width}" height="${layout.height}" viewBox="0 0 ${layout.width} ${layout.height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="tenon-lineage" role="img" aria-label="${escaped(name)}" ${size}>`,
    `<title>${escaped(name)}</title>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="100%" height="100%"/>`,
    `<g class="edges">${layout.edges.map((edge) => drawnEdge(edge)).join("")}</g>`,
    ...layout.nodes.map((node) => drawnNode(node, node.id === focus)),
    "</svg>\n",
  ].join("\n");
}

const style = [
  ".tenon-lineage{--ground:#fff;--text:#1f2328;--quiet:#59636e;--line:#8c959f;--artifact:#eef5ff;--artifact-line:#2f6fc4;",
  "--step:#fff6e9;--step-line:#b0702a;font:13px system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif}",
  "@media(prefers-color-scheme:dark){.tenon-lineage{--ground:#0d1117;--text:#e6edf3;--quiet:#9198a1;--line:#6e7681;",
  "--artifact:#12233d;--artifact-line:#4c8fe6;--step:#2b2011;--step-line:#c98a43}}",
  ".tenon-lineage .ground{fill:var(--ground)}.tenon-lineage text{fill:var(--text)}",
  ".tenon-lineage .detail{fill:var(--quiet);font-size:11px}",
  ".tenon-lineage .edges path{fill:none;stroke:var(--line);stroke-width:1.3}",
  ".tenon-lineage .edges .tip{fill:var(--line);stroke:none}",
  ".tenon-lineage .artifact rect{fill:var(--artifact);stroke:var(--artifact-line);stroke-width:1.3}",
  ".tenon-lineage .step rect{fill:var(--step);stroke:var(--step-line);stroke-width:1.3}",
  ".tenon-lineage .focus rect{stroke-width:3}.tenon-lineage .focus text:first-of-type{font-weight:600}",
].join("");

function drawnNode(node: PlacedNode, isFocus: boolean): string {
  const { x, y, width, height, kind, label, detail } = node;
  const centre = round(x + width / 2);
  const hasDetail = node.shownDetail !== undefined;
  const text = (className: string, baseline: number, content: string) =>
    `<text${className} x="${centre}" y="${round(baseline)}" text-anchor="middle">${escaped(content)}</text>`;
  return [
    `<g class="${kind}${isFocus ? " focus" : ""}">`,
    `<title>${escaped([`${kind} ${label}`, detail].filter(Boolean).join("\n"))}</title>`,
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="${radius(node)}"/>`,
    text("", y + (hasDetail ? 19 : height / 2 + 4.5), node.shownLabel),
    hasDetail ? text(' class="detail"', y + 35, node.shownDetail ?? "") : "",
    "</g>",
  ].join("");
}

function radius({ kind, height }: Pick<LineageNode, "kind"> & { height: number }): number {
  return kind === "step" ? round(height / 2) : 5;
}

const tipLength = 7;

/** A smooth line through the points, and an arrow head at its end. */
function drawnEdge({ points }: PlacedEdge): string {
  const last = points.at(-1);
  const first = points[0];
  if (!first || !last) return "";
  const end = { x: last.x - tipLength, y: last.y };
  const inner = points.slice(1, -1);
  let path = `M${round(first.x)},${round(first.y)}`;
  let from = first;
  for (const to of [...inner, end]) {
    const middle = (from.x + to.x) / 2;
    path += `C${round(middle)},${round(from.y)} ${round(middle)},${round(to.y)} ${round(to.x)},${round(to.y)}`;
    from = to;
  }
  const tip = `M${round(last.x)},${round(last.y)}l${-tipLength - 1},-4v8z`;
  return `<path d="${path}"/><path class="tip" d="${tip}"/>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  // Most control characters may not stand in XML at all.
  return text
    .replace(/[^\n\P{Cc}]|[\ud800-\udfff]/gu, "\ufffd")
    .replace(/[&<>"']/g, (found) => entities[found] ?? found);
}
