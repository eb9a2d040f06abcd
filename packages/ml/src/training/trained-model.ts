import { type JsonObject, TenonError } from "@tenon/core";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import type { Rows } from "../vocabulary/row.js";
import { type Features, featuresOf, labelOf } from "./examples.js";
import type { Predictions, Task } from "./predictions.js";

const brand = Symbol.for("tenon.ml.trainedModel");
const batchRows = 1024;

export interface PredictOptions {
  readonly signal?: AbortSignal;
}

/**
 * A model together with the transform that was fitted for it. It takes raw rows wherever it is, in evaluation and in
 * serving, so that the two cannot differ in what they feed it.
 *
 * A framework's integration derives one class, says in `score` what its network computes, and brings a materializer for
 * the class, which writes `transform.state` beside the network's own files. By the materializers in the manifests a
 * model of any framework is loaded, and no framework before.
 *
 * @example
 * export class LinearModel extends TrainedModel {
 *   readonly framework = "acme";
 *   constructor(transform: FittedTransform, readonly weights: Float64Array) { super(transform); }
 *   protected score({ values, rows, width }: Features) { return multiply(values, rows, width, this.weights); }
 * }
 */
export abstract class TrainedModel {
  readonly [brand] = true;
  /** Whose network it is, for people: `tensorflow`. */
  abstract readonly framework: string;
  readonly transform: FittedTransform;
  /** `classification` if the label has a vocabulary. */
  readonly task: Task;
  /** The column that is predicted. */
  readonly label: string;

  readonly #scale: LabelScale;

  /** @throws `TRAINING_INVALID` if the transform has no label, or one from which there is no way back to its own units */
  constructor(transform: FittedTransform) {
    this.transform = transform;
    this.label = labelOf(transform);
    this.task = transform.classes === undefined ? "regression" : "classification";
    this.#scale = labelScale(transform);
  }

  /** The classes, in the order of the probabilities; none for regression. */
  get classes(): readonly string[] {
    return this.transform.classes ?? [];
  }

  /**
   * What the network computes for some rows of features, row after row: for classification one probability a class (or, for
   * two classes, that of the second alone), for regression one number, as the transform makes it of the label.
   */
  protected abstract score(features: Features, options: PredictOptions): ArrayLike<number> | Promise<ArrayLike<number>>;

  /** Frees what the garbage collector does not: tensors. */
  dispose(): void {}

  /**
   * Predicts raw rows. They need not have the label.
   *
   * @throws `DATA_COLUMN_MISSING`, `DATA_CATEGORY_UNKNOWN`, `DATA_INVALID` for rows that the transform does not take;
   * `PREDICTION_INVALID` if the network gives no number, or not one for each row, or what is no probability for a class
   */
  async predict(rows: Rows, options: PredictOptions = {}): Promise<Predictions> {
    const { transform, classes, task } = this;
    const width = task === "regression" ? 1 : classes.length;
    const values = new Float64Array(rows.length * width);
    for (let start = 0; start < rows.length; start += batchRows) {
      options.signal?.throwIfAborted();
      const batch = rows.slice(start, start + batchRows);
      const scores = await this.score(featuresOf(transform, batch, start), options);
      this.#take(scores, batch.length, values.subarray(start * width, (start + batch.length) * width), start);
    }
    return task === "regression" ? { task, values } : { task, classes, probabilities: values };
  }

  #take(scores: ArrayLike<number>, rows: number, into: Float64Array, start: number): void {
    const width = into.length / rows;
    const doing = `predicting '${this.label}' with a model of ${this.framework}`;
    // In a program without types a network may give nothing at all.
    const given = scores?.length ?? 0;
    const onlySecond = width === 2 && given === rows;
    if (given !== into.length && !onlySecond) {
      throw new TenonError("PREDICTION_INVALID", {
        doing,
        found: `the network gave ${given} numbers for ${rows} rows, and ${rows} times ${width} are expected`,
        fix: `Give its last layer ${width} outputs, one ${width === 1 ? "number" : "a class"}.`,
      });
    }
    for (let at = 0; at < scores.length; at++) {
      const score = scores[at] as number;
      if (!Number.isFinite(score)) {
        throw new TenonError("PREDICTION_INVALID", {
          doing,
          found: `the network gave ${score} for row ${start + Math.floor((at * rows) / scores.length)}`,
          fix: "The weights may have diverged: train with a smaller learning rate, on standardised features.",
        });
      }
      if (this.task === "classification" && !isProbability(score)) {
        throw new TenonError("PREDICTION_INVALID", {
          doing,
          found: `the network gave ${score} for row ${start + Math.floor((at * rows) / scores.length)}, which is no probability`,
          fix: "Let it end with softmax, or of two classes with sigmoid.",
        });
      }
      if (onlySecond) into.set([1 - score, score], at * 2);
      else into[at] = score * this.#scale.factor + this.#scale.offset;
    }
  }
}

/** Numbers of single precision, and sums of them, may be beyond 1 by rounding. */
function isProbability(score: number): boolean {
  return score >= -1e-5 && score <= 1 + 1e-5;
}

/** How a transformed label becomes one in its own units. */
interface LabelScale {
  readonly factor: number;
  readonly offset: number;
}

function labelScale({ state: { label }, classes }: FittedTransform): LabelScale {
  const scale = { factor: 1, offset: 0 };
  if (label === undefined || classes !== undefined) return scale;
  for (const { operation, state } of label.operations.toReversed()) {
    if (operation !== "standardise") {
      throw new TenonError("TRAINING_INVALID", {
        doing: `making a model that predicts '${label.name}'`,
        found: `its transform puts the label through '${operation}', which cannot be undone`,
        fix: "Leave the label as it is, or standardise it.",
      });
    }
    scale.factor *= state.deviation as number;
    scale.offset = scale.offset * (state.deviation as number) + (state.mean as number);
  }
  return scale;
}

export function isTrainedModel(value: unknown): value is TrainedModel {
  return typeof value === "object" && value !== null && brand in value;
}

/**
 * What a materializer of a trained model says of it, so that it is found and described without being loaded.
 *
 * @example metadata: (model) => ({ ...trainedModelMetadata(model), parameters: model.weights.length })
 */
export function trainedModelMetadata({ framework, task, label, classes, transform }: TrainedModel): JsonObject {
  const inputs = transform.state.input.columns.filter(({ name }) => name !== label);
  return {
    trainedModel: {
      framework,
      task,
      label,
      ...(task === "classification" && { classes: [...classes] }),
      inputs: inputs.map(({ name, kind, required, shape }) => ({
        name,
        kind,
        required,
        ...(shape && { shape: [...shape] }),
      })),
    },
  };
}
