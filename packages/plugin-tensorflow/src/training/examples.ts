import { TenonError } from "@tenon/core";
import { examplesOf, type TrainerInputs } from "@tenon/ml";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";
import { shown } from "../tensor-shape.js";

/** A batch as a model takes it. */
export interface Batch {
  readonly xs: Tensor | Tensor[];
  readonly ys: Tensor | Tensor[];
}

/** What is learnt from, or validated on. Batches are made when they are asked for, and disposed of after they were used. */
export interface BatchSource {
  readonly rows: number;
  /** The examples of these places, in this order. */
  batch(places: Uint32Array): Batch;
}

/** Rows as batches of features and labels, in the shape of the model's input and the coding that its loss asks for. */
export function batchesOf(
  tf: TensorFlow,
  model: LayersModel,
  rows: TrainerInputs["train"],
  { transform }: Pick<TrainerInputs, "transform">,
  what: "training" | "validation",
): BatchSource {
  const examples = examplesOf(transform, rows, what);
  const { width } = examples;
  const features = Float32Array.from(examples.values);
  const labels = Float32Array.from(examples.labels);
  const shape = inputShape(model, width);
  const classes = oneHotClasses(model, transform.classes?.length);
  return {
    rows: examples.rows,
    batch(places) {
      const xs = new Float32Array(places.length * width);
      const ys = new Float32Array(places.length);
      places.forEach((place, at) => {
        xs.set(features.subarray(place * width, (place + 1) * width), at * width);
        ys[at] = labels[place] as number;
      });
      const numbers = tf.tensor(ys, [places.length, 1]);
      return {
        xs: tf.tensor(xs, [places.length, ...shape]),
        ys: classes === undefined ? numbers : tf.tidy(() => replaced(numbers, oneHot(tf, numbers, classes))),
      };
    },
  };
}

function oneHot(tf: TensorFlow, numbers: Tensor, classes: number): Tensor {
  return tf.oneHot(numbers.reshape([-1]).toInt(), classes).toFloat();
}

function replaced(old: Tensor, made: Tensor): Tensor {
  old.dispose();
  return made;
}

/** Without the axis of examples. @throws `TENSOR_MISMATCHED` if the features do not fill it */
export function inputShape(model: LayersModel, width: number): number[] {
  const [input, ...others] = model.inputs;
  const shape = (input?.shape ?? []).slice(1);
  const open = shape.filter((axis) => axis === null).length;
  const known = shape.reduce<number>((product, axis) => product * (axis ?? 1), 1);
  if (input !== undefined && others.length === 0) {
    if (open === 0 && known === width) return shape as number[];
    if (open === 1 && width % known === 0) return shape.map((axis) => axis ?? width / known);
  }
  const wanted = model.inputs.map(({ dtype, shape }) => shown({ dtype, shape })).join(" and ");
  throw new TenonError("TENSOR_MISMATCHED", {
    doing: "giving features to the network",
    found: `it expects ${wanted}, and the transform gives float32 [?, ${width}]`,
    fix: `Build it with inputShape: [${width}], or whatever shape ${width} numbers fill.`,
    details: { expected: model.inputs.map(({ shape }) => shape), found: [null, width] },
  });
}

/** How many classes there are, if the loss wants one number for each. */
function oneHotClasses(model: LayersModel, classes: number | undefined): number | undefined {
  const { loss } = model;
  const name = typeof loss === "function" ? (loss as { name: string }).name : loss;
  return classes !== undefined && name === "categoricalCrossentropy" ? classes : undefined;
}
