import { markdown, step } from "@tenon/core";
import { type Season, season } from "./fit.js";

/** A table, the warmest first. */
export const compare = step({
  name: "compare",
  inputs: { coast: season, valley: season, summit: season },
  output: markdown,
  run: (seasons: Record<"coast" | "valley" | "summit", Season>) => {
    const rows = Object.entries(seasons).sort(([, one], [, other]) => other.mean - one.mean);
    const lines = rows.map(
      ([name, { mean, swing }]) => `| ${name} | ${mean.toFixed(1)} | ${(mean + swing).toFixed(1)} |`,
    );
    return ["| station | mean of the year | in summer |", "| --- | --- | --- |", ...lines, ""].join("\n");
  },
});
