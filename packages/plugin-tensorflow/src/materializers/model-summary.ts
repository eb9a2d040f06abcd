import type { JsonValue } from "@tenon/core";
import type { LayersModel, SymbolicTensor } from "@tensorflow/tfjs";
import { shown } from "../tensor-shape.js";

const mostShown = 200;

/** What is worth knowing of a model without loading it. */
export function describeModel(model: LayersModel): Record<string, JsonValue> {
  return {
    layers: model.layers.slice(0, mostShown).map((layer) => layer.getClassName()),
    parameters: model.countParams(),
    inputs: model.inputs.map(shapeOf),
    outputs: model.outputs.map(shapeOf),
    ...(model.optimizer && { optimizer: model.optimizer.getClassName() }),
  };
}

/** A line for each layer: its class, what it gives, and how many parameters it has. */
export function summaryOf(model: LayersModel): string {
  const rows = model.layers.map((layer) => {
    const given = layer.outputShape as (number | null)[] | (number | null)[][];
    const shapes = (Array.isArray(given[0]) ? given : [given]) as (number | null)[][];
    return [layer.getClassName(), shapes.map((shape) => shown({ shape })).join(" "), String(layer.countParams())];
  });
  const table = [["layer", "gives", "parameters"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column] as number)).join("  "));
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n${model.countParams()} parameters\n`;
}

function shapeOf({ dtype, shape }: SymbolicTensor): string {
  return shown({ dtype, shape });
}
