import { predictedLabels } from "../training/predictions.js";
import type { Rows } from "../vocabulary/row.js";
import type { Call } from "./exchange.js";
import type { ServedModel } from "./served-model.js";
import type { Tensor } from "./tensor.js";

/** So many are predicted at once, and cannot be broken off. */
const fewRows = 1024;

/** Raw rows in, the tensors of the signature's outputs out. @throws as `TrainedModel.predict` */
export async function predictTensors({ model }: ServedModel, rows: Rows, call: Call): Promise<Tensor[]> {
  const predictions = await model.predict(rows, rows.length > fewRows ? { signal: call.gone() } : {});
  if (predictions.task === "regression") {
    return [{ name: "prediction", datatype: "FP64", shape: [rows.length], data: predictions.values }];
  }
  const { classes, probabilities } = predictions;
  return [
    { name: "prediction", datatype: "BYTES", shape: [rows.length], data: predictedLabels(predictions) as string[] },
    { name: "probabilities", datatype: "FP64", shape: [rows.length, classes.length], data: probabilities },
  ];
}

/** What a tensor holds of each row: a list where there are several elements. */
export function elementsOf({ shape, data }: Tensor): readonly unknown[] {
  const width = shape[1];
  if (width === undefined) return data instanceof Float64Array ? Array.from(data) : data;
  return Array.from({ length: shape[0] as number }, (_, row) => {
    const own = new Array<unknown>(width);
    for (let at = 0; at < width; at++) own[at] = data[row * width + at];
    return own;
  });
}
