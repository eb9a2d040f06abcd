import type { TopLevelSpec } from "vega-lite";

const font = "system-ui, sans-serif";
const config = {
  background: "transparent",
  font,
  view: { stroke: null },
  axis: {
    labelColor: "#3d4a57",
    titleColor: "#1c2733",
    gridColor: "#e3e8ee",
    domainColor: "#8a94a0",
    tickColor: "#8a94a0",
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal" as const,
  },
  legend: {
    labelColor: "#3d4a57",
    titleColor: "#1c2733",
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: "normal" as const,
  },
};

/** A chart as SVG that needs nothing else. The libraries that draw it are loaded here: they take about 350 ms. */
export async function renderChart(spec: TopLevelSpec): Promise<string> {
  const [{ compile }, { parse, View }] = await Promise.all([import("vega-lite"), import("vega")]);
  const { spec: drawn } = compile({ ...spec, config });
  const view = new View(parse(drawn), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
