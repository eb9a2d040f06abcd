import { predictedLabels } from "../training/predictions.js";
import type { Rows } from "../vocabulary/row.js";
import type { ServedModel } from "./served-model.js";
import type { Tensor } from "./tensor.js";

/** Raw rows in, the tensors of the signature's outputs out. @throws as `TrainedModel.predict` */
export async function predictTensors({ model }: ServedModel, rows: Rows, signal: AbortSignal): Promise<Tensor[]> {
  const predictions = await model.predict(rows, { signal });
  if (predictions.task === "regression") {
    return [{ name: "prediction", datatype: "FP64", shape: [rows.length], data: predictions.values }];
  }
  const { classes, probabilities } = predictions;
  return [
    { name: "prediction", datatype: "BYTES", shape: [rows.length], data: predictedLabels(predictions) as string[] },
    { name: "probabilities", datatype: "FP64", shape: [rows.length, classes.length], data: probabilities },
  ];
}

/** The elements of one row: a list where there are several. */
export function elementOf({ shape, data }: Tensor, row: number): unknown {
  const width = shape[1];
  return width === undefined ? data[row] : Array.from(data.slice(row * width, (row + 1) * width) as ArrayLike<unknown>);
}
