import assert from "node:assert/strict";
import type { Materializer } from "@tenon/core";
import type { ConformanceCase } from "@tenon/core/testing";
import { fit, type TransformOptions } from "../preprocessing/fit.js";
import { type TrainerOutputs, type TrainerStep, trainer } from "../steps/contracts.js";
import { type Predictions, predictedLabels, predictedRows } from "../training/predictions.js";
import { isTrainedModel, type TrainedModel } from "../training/trained-model.js";
import { isMissing, type Rows } from "../vocabulary/row.js";
import { birdFeatures, birds } from "./birds.js";
import {
  assertCoded,
  assertDeclares,
  execute,
  registerStepCases,
  type StepKitOptions,
  type StepSubject,
} from "./step-subject.js";
import { savedAndLoaded } from "./stored-files.js";

export interface TrainerSubject extends StepSubject<TrainerStep> {
  /** What saves its models: `(await import("./my-materializer.js")).materializer`. */
  readonly materializer: Materializer<never>;
  /** By default made-up penguins with the columns id, island, beak, depth, flipper, mass and species. */
  readonly rows?: () => Rows;
  /** How these become numbers; by default the species is predicted from four columns. */
  readonly transform?: TransformOptions;
  /** By how much two trainings with equal inputs may differ in a probability or a number; by default 0. */
  readonly tolerance?: number;
}

const ofBirds: TransformOptions = { features: birdFeatures, label: "species" };
const rowsOf = ({ rows = birds }: TrainerSubject) => rows();
const inputsOf = (subject: TrainerSubject) => {
  const all = rowsOf(subject);
  const cut = Math.floor(all.length * 0.8);
  return {
    train: all.slice(0, cut),
    validation: all.slice(cut),
    transform: fit(all.slice(0, cut), subject.transform ?? ofBirds),
  };
};

async function using<T>(subject: TrainerSubject, work: (model: TrainedModel) => Promise<T>): Promise<T> {
  const { model } = await execute<TrainerOutputs>(subject, inputsOf(subject));
  try {
    return await work(model);
  } finally {
    model.dispose?.();
  }
}

/** What a step that trains promises, and the models that it fits, a case each. */
export const trainerStepCases: readonly ConformanceCase<TrainerSubject>[] = [
  {
    name: "it declares what a trainer takes and gives",
    async run({ step }) {
      assertDeclares(step, trainer);
    },
  },
  {
    name: "what it gives is a model with the transform that it was given",
    async run(subject) {
      await using(subject, async (model) => {
        assert.ok(isTrainedModel(model), "it is no TrainedModel");
        assert.deepEqual(model.transform.state, inputsOf(subject).transform.state);
      });
    },
  },
  {
    name: "it does without validation rows",
    async run(subject) {
      const { validation: _, ...inputs } = inputsOf(subject);
      const { model } = await execute<TrainerOutputs>(subject, inputs);
      assert.equal(predictedRows(await model.predict(rowsOf(subject).slice(0, 3))), 3);
      model.dispose();
    },
  },
  {
    name: "the model predicts raw rows without their label, finite numbers for each",
    async run(subject) {
      await using(subject, async (model) => {
        const rows = rowsOf(subject).map((row) => ({ ...row, [model.label]: null }));
        const predictions = await model.predict(rows);
        assert.equal(predictedRows(predictions), rows.length);
        for (const value of numbersOf(predictions)) assert.ok(Number.isFinite(value), `it predicts ${value}`);
        if (predictions.task === "regression") return;
        const width = predictions.classes.length;
        for (let row = 0; row < rows.length; row++) {
          const sum = predictions.probabilities.subarray(row * width, (row + 1) * width).reduce((a, b) => a + b, 0);
          assert.ok(Math.abs(sum - 1) < 1e-4, `the probabilities of row ${row} sum to ${sum}`);
        }
      });
    },
  },
  {
    name: "the model has learnt: on its training rows it beats the best constant",
    async run(subject) {
      await using(subject, async (model) => {
        const rows = inputsOf(subject).train.filter((row) => !isMissing(row[model.label]));
        const truths = rows.map((row) => row[model.label]);
        const labels = predictedLabels(await model.predict(rows));
        if (model.task === "classification") {
          const right = labels.filter((label, at) => label === String(truths[at])).length;
          const most = Math.max(
            ...model.classes.map((name) => truths.filter((truth) => String(truth) === name).length),
          );
          assert.ok(right > most, `${right} of ${rows.length} rows are right, and the most frequent class has ${most}`);
          return;
        }
        const numbers = truths as number[];
        const middle = numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
        const squares = (guess: (at: number) => number) =>
          numbers.reduce((sum, truth, at) => sum + (truth - guess(at)) ** 2, 0);
        assert.ok(squares((at) => labels[at] as number) < squares(() => middle), "it errs more than the mean does");
      });
    },
  },
  {
    name: "equal inputs and parameters give models that predict the same",
    async run(subject) {
      const rows = rowsOf(subject);
      const one = await using(subject, async (model) => numbersOf(await model.predict(rows)));
      const other = await using(subject, async (model) => numbersOf(await model.predict(rows)));
      assertNear(one, other, subject.tolerance ?? 0);
    },
  },
  {
    name: "a model that was saved and loaded predicts the same",
    async run(subject) {
      await using(subject, async (model) => {
        const materializer = subject.materializer as unknown as Materializer<TrainedModel>;
        const loaded = await savedAndLoaded(model, materializer);
        const rows = rowsOf(subject);
        assertNear(numbersOf(await loaded.predict(rows)), numbersOf(await model.predict(rows)), 0);
        loaded.dispose();
      });
    },
  },
  {
    name: "what the materializer says of a model tells that it can be served",
    async run(subject) {
      await using(subject, async (model) => {
        const materializer = subject.materializer as unknown as Materializer<TrainedModel>;
        const { trainedModel } = ((await materializer.metadata?.(model)) ?? {}) as {
          trainedModel?: { label?: unknown };
        };
        assert.equal(trainedModel?.label, model.label, "its metadata has no trainedModelMetadata(model)");
      });
    },
  },
  {
    name: "the model refuses a row without a column that it needs, with DATA_COLUMN_MISSING",
    async run(subject) {
      await using(subject, async (model) => {
        await assert.rejects(model.predict([{}]), { code: "DATA_COLUMN_MISSING" });
      });
    },
  },
  {
    name: "a training that is cancelled rejects",
    async run(subject) {
      const controller = new AbortController();
      controller.abort(new Error("no longer wanted"));
      const attempt = execute<TrainerOutputs>(subject, inputsOf(subject), { signal: controller.signal });
      await assert.rejects(attempt, /no longer wanted/);
    },
  },
  {
    name: "no training rows are refused with a coded error",
    async run(subject) {
      await assertCoded(execute(subject, { ...inputsOf(subject), train: [] }), "it learns from no rows");
    },
  },
];

function numbersOf(predictions: Predictions): Float64Array {
  return predictions.task === "regression" ? predictions.values : predictions.probabilities;
}

function assertNear(found: Float64Array, wanted: Float64Array, tolerance: number): void {
  assert.equal(found.length, wanted.length);
  for (const [at, value] of found.entries()) {
    const distance = Math.abs(value - (wanted[at] as number));
    assert.ok(distance <= tolerance, `number ${at} is ${value}, then ${wanted[at]}`);
  }
}

/**
 * Certifies a step that trains, its models and their materializer, under any test runner.
 *
 * @example testTrainerStep({ test, step: forest(), materializer });
 */
export function testTrainerStep(subject: TrainerSubject & StepKitOptions): void {
  registerStepCases(trainerStepCases, subject);
}
