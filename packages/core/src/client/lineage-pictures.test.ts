import { describe, expect, test } from "vitest";
import type { LineageGraph } from "./lineage-graph.js";
import { layOut } from "./lineage-layout.js";
import { lineageMermaid } from "./lineage-mermaid.js";
import { lineageSvg } from "./lineage-svg.js";
import { lineageTree } from "./lineage-tree.js";

/** `raw` is split in two; both parts lead to the report. */
const penguins: LineageGraph = {
  nodes: [
    { id: "raw@1", kind: "artifact", label: "raw@1", detail: "table, 344 rows" },
    { id: "split", kind: "step", label: "split" },
    { id: "train@1", kind: "artifact", label: "train@1" },
    { id: "test@1", kind: "artifact", label: "test@1" },
    { id: "report", kind: "step", label: "report" },
    { id: "report@1", kind: "artifact", label: "report@1" },
  ],
  edges: [
    { from: "raw@1", to: "split" },
    { from: "split", to: "train@1" },
    { from: "split", to: "test@1" },
    { from: "train@1", to: "report" },
    { from: "test@1", to: "report" },
    { from: "report", to: "report@1" },
  ],
};

const chain = (length: number): LineageGraph => ({
  nodes: Array.from({ length }, (_, index) => ({ id: `${index}`, kind: "artifact", label: `a@${index}` })),
  edges: Array.from({ length: length - 1 }, (_, index) => ({ from: `${index}`, to: `${index + 1}` })),
});

const odd = `<script>alert("1")</script> & 'end' #quot; \`x\` [a](b) | \u0007 日本`;
const hostile: LineageGraph = {
  nodes: [
    { id: `a"] --> b`, kind: "artifact", label: odd, detail: odd },
    { id: "end", kind: "step", label: "end" },
  ],
  edges: [{ from: `a"] --> b`, to: "end" }],
};

describe("the tree", () => {
  test("leads upstream, and writes what is shared once", () => {
    expect(lineageTree(penguins, "report@1", "upstream")).toBe(
      [
        "report@1",
        "└─ report",
        "   ├─ train@1",
        "   │  └─ split",
        "   │     └─ raw@1  table, 344 rows",
        "   └─ test@1",
        "      └─ split (see above)",
        "",
      ].join("\n"),
    );
  });

  test("leads downstream, in ASCII and in words of one's own", () => {
    expect(lineageTree(penguins, "split", "downstream", { ascii: true, format: (node) => `<${node.id}>` })).toBe(
      [
        "<split>",
        "|- <train@1>",
        "|  `- <report>",
        "|     `- <report@1>",
        "`- <test@1>",
        "   `- <report> (see above)",
        "",
      ].join("\n"),
    );
  });

  test("ends in a circle, and at nodes that are not there", () => {
    const graph: LineageGraph = {
      nodes: [
        { id: "a", kind: "artifact", label: "a" },
        { id: "b", kind: "artifact", label: "b" },
      ],
      edges: [
        { from: "a", to: "b" },
        { from: "b", to: "a" },
        { from: "b", to: "nowhere" },
      ],
    };
    expect(lineageTree(graph, "a", "downstream")).toBe("a\n└─ b\n   └─ a (see above)\n");
    expect(lineageTree(graph, "nowhere", "downstream")).toBe("");
  });

  test("says what is deeper than shown, and does not overflow the stack", () => {
    expect(lineageTree(chain(5), "0", "downstream", { depth: 1 })).toBe(
      "a@0\n└─ a@1\n   └─ … 1 more below, deeper than shown\n",
    );
    expect(lineageTree(chain(20_000), "0", "downstream").split("\n")).toHaveLength(103);
  });

  test("keeps control characters away from the terminal", () => {
    expect(lineageTree(hostile, `a"] --> b`, "downstream").split("\n")[0]).not.toMatch(/[\p{Cc}]/u);
  });
});

describe("the Mermaid diagram", () => {
  test("has a line for every node and edge", () => {
    const text = lineageMermaid(penguins);
    expect(text).toContain('flowchart LR\n  n0["raw@1<br/>table, 344 rows"]:::artifact\n  n1(["split"]):::step\n');
    expect(text).toContain("\n  n0 --> n1\n");
    expect(text.match(/-->/g)).toHaveLength(penguins.edges.length);
  });

  test("holds no character of a label that its grammar could take for its own", () => {
    const labels = [...lineageMermaid(hostile).matchAll(/"([^\n]*)"/g)].map(([, label = ""]) => label);
    expect(labels).toHaveLength(2);
    expect(labels[0]?.replaceAll("<br/>", "")).not.toMatch(/[<>"'`[\](){}|&\p{Cc}]|#(?!\d+;)/u);
    expect(labels[0]).toContain("日本");
  });
});

describe("the SVG picture", () => {
  test("has a box with a title for every node, and a name for those who cannot see it", async () => {
    const svg = await lineageSvg(penguins, { title: "Lineage of report@1", focus: "report@1" });
    expect(svg).toContain('role="img" aria-label="Lineage of report@1"');
    expect(svg.match(/<g class="artifact/g)).toHaveLength(4);
    expect(svg.match(/<g class="step/g)).toHaveLength(2);
    expect(svg).toContain("<title>artifact raw@1\ntable, 344 rows</title>");
    expect(svg.match(/class="artifact focus"/g)).toHaveLength(1);
    expect(svg.match(/class="tip"/g)).toHaveLength(penguins.edges.length);
  });

  test("needs nothing from elsewhere and escapes what it is given", async () => {
    const svg = await lineageSvg(hostile);
    expect(svg).not.toMatch(/<script|href=|url\(|@import/);
    expect(svg).not.toContain("\u0007");
    expect(svg).toContain("&lt;script&gt;");
    expect(svg).toMatch(/prefers-color-scheme:\s*dark/);
  });

  test("of nothing is a picture all the same", async () => {
    expect(await lineageSvg({ nodes: [], edges: [] })).toContain("<svg");
  });

  test("puts sources left of what was made of them, and no box over another", async () => {
    const { nodes } = await layOut(penguins);
    const left = (id: string) => nodes.find((node) => node.id === id)?.x ?? Number.NaN;
    for (const { from, to } of penguins.edges) expect(left(from)).toBeLessThan(left(to));
    const overlapping = nodes.flatMap((one, index) =>
      nodes
        .slice(index + 1)
        .filter((other) => Math.abs(one.y - other.y) < (one.height + other.height) / 2)
        .filter((other) => one.x < other.x + other.width && other.x < one.x + one.width),
    );
    expect(overlapping).toEqual([]);
  });

  test("shortens a long name in its middle", async () => {
    const label = `${"long-name-".repeat(20)}@42`;
    const { nodes } = await layOut({ nodes: [{ id: "a", kind: "artifact", label }], edges: [] });
    expect(nodes[0]?.shownLabel).toMatch(/^long-name.*….*@42$/);
    expect(nodes[0]?.width).toBeLessThanOrEqual(300);
  });
});
