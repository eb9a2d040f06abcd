import assert from "node:assert/strict";
import type { ConformanceCase } from "@tenon/core/testing";
import { FittedTransform } from "../preprocessing/fitted-transform.js";
import { type PreprocessorOutputs, type PreprocessorStep, preprocessor } from "../steps/contracts.js";
import type { Rows } from "../vocabulary/row.js";
import { birds } from "./birds.js";
import {
  assertCoded,
  assertDeclares,
  execute,
  registerStepCases,
  type StepKitOptions,
  type StepSubject,
} from "./step-subject.js";

export interface PreprocessorSubject extends StepSubject<PreprocessorStep> {
  /** By default made-up penguins with the columns id, island, beak, depth, flipper, mass and species. */
  readonly rows?: () => Rows;
}

const rowsOf = ({ rows = birds }: PreprocessorSubject) => rows();
const fitted = async (subject: PreprocessorSubject, train: Rows = rowsOf(subject)) =>
  (await execute<PreprocessorOutputs>(subject, { train })).transform;

/** What a step that preprocesses promises, a case each. */
export const preprocessorStepCases: readonly ConformanceCase<PreprocessorSubject>[] = [
  {
    name: "it declares what a preprocessor takes and gives",
    async run({ step }) {
      assertDeclares(step, preprocessor);
    },
  },
  {
    name: "every training row becomes as many finite numbers as there are names of features",
    async run(subject) {
      const transform = await fitted(subject);
      for (const row of rowsOf(subject)) {
        const features = transform.features(row);
        assert.equal(features.length, transform.featureNames.length);
        assert.ok(features.every(Number.isFinite), `a feature is no number: ${features.join(", ")}`);
      }
    },
  },
  {
    name: "the label is no feature, and a row without it is transformed all the same",
    async run(subject) {
      const transform = await fitted(subject);
      const label = transform.state.label?.name;
      assert.ok(label !== undefined, "the transform has no label");
      assert.ok(!transform.state.features.some(({ name }) => name === label), "the label is among the features");
      const [first] = rowsOf(subject);
      const { [label]: _, ...rest } = first ?? {};
      assert.deepEqual(transform.features(rest), transform.features(first ?? {}));
    },
  },
  {
    name: "the transform is plain data: read again from JSON it does the same",
    async run(subject) {
      const transform = await fitted(subject);
      const again = new FittedTransform(JSON.parse(JSON.stringify(transform.state)));
      for (const row of rowsOf(subject)) assert.deepEqual(again.features(row), transform.features(row));
    },
  },
  {
    name: "equal rows teach it the same",
    async run(subject) {
      assert.deepEqual((await fitted(subject)).state, (await fitted(subject)).state);
    },
  },
  {
    name: "it leaves the rows that it is given as they are",
    async run(subject) {
      const given = rowsOf(subject);
      await fitted(subject, given);
      assert.deepEqual(given, rowsOf(subject));
    },
  },
  {
    name: "no rows are refused with a coded error",
    async run(subject) {
      await assertCoded(fitted(subject, []), "it learns from no rows");
    },
  },
];

/**
 * Certifies a step that preprocesses, under any test runner.
 *
 * @example testPreprocessorStep({ test, step: preprocess({ features: { beak: [standardise()] }, label: "species" }) });
 */
export function testPreprocessorStep(subject: PreprocessorSubject & StepKitOptions): void {
  registerStepCases(preprocessorStepCases, subject);
}
