import assert from "node:assert/strict";
import type { ConformanceCase } from "@tenon/core/testing";
import { type EvaluatorOutputs, type EvaluatorStep, evaluator } from "../steps/contracts.js";
import { parityRows, ScriptedModel } from "./scripted-model.js";
import {
  assertCoded,
  assertDeclares,
  execute,
  registerStepCases,
  type StepKitOptions,
  type StepSubject,
} from "./step-subject.js";

export type EvaluatorSubject = StepSubject<EvaluatorStep>;

const judged = (subject: EvaluatorSubject, inputs: object) =>
  execute<EvaluatorOutputs>(subject, { test: parityRows(), ...inputs });

/** What a step that evaluates promises, a case each. */
export const evaluatorStepCases: readonly ConformanceCase<EvaluatorSubject>[] = [
  {
    name: "it declares what an evaluator takes and gives",
    async run({ step }) {
      assertDeclares(step, evaluator);
    },
  },
  {
    name: "a model that is always right has an accuracy of 1, and one that errs by a quarter 0.75",
    async run(subject) {
      const model = new ScriptedModel();
      const { evaluation: right } = await judged(subject, { model });
      assert.equal((right.metrics as { accuracy: number }).accuracy, 1);
      const { evaluation: erring } = await judged(subject, { model, test: parityRows(40, 10) });
      assert.equal((erring.metrics as { accuracy: number }).accuracy, 0.75);
    },
  },
  {
    name: "it counts the rows, and leaves out those without a label",
    async run(subject) {
      const test = [...parityRows(), { number: 3, half: "first", parity: null }];
      const { evaluation } = await judged(subject, { model: new ScriptedModel(), test });
      assert.deepEqual([evaluation.rows, evaluation.unlabelled], [40, 1]);
      assert.deepEqual([evaluation.task, evaluation.label], ["classification", "parity"]);
    },
  },
  {
    name: "what it gives is plain data",
    async run(subject) {
      const { evaluation } = await judged(subject, { model: new ScriptedModel() });
      assert.deepEqual(JSON.parse(JSON.stringify(evaluation)), evaluation);
    },
  },
  {
    name: "the report is a page that needs no network and runs no script",
    async run(subject) {
      const { report } = await judged(subject, { model: new ScriptedModel() });
      assert.match(report, /^<!doctype html>/i);
      assert.doesNotMatch(report, /<script|<link|@import|\ssrc\s*=|url\(\s*["']?http|<a\s[^>]*href="?http/i);
    },
  },
  {
    name: "it says whether the model is better than the one in production",
    async run(subject) {
      const [good, bad] = [new ScriptedModel(), new ScriptedModel(() => 0.9)];
      const better = await judged(subject, { model: good, production: bad });
      assert.equal(better.evaluation.comparison?.better, true);
      const worse = await judged(subject, { model: bad, production: good });
      assert.equal(worse.evaluation.comparison?.better, false);
      for (const production of [null, undefined]) {
        assert.equal((await judged(subject, { model: good, production })).evaluation.comparison, undefined);
      }
    },
  },
  {
    name: "no rows, and rows without any label, are refused with a coded error",
    async run(subject) {
      const model = new ScriptedModel();
      await assertCoded(judged(subject, { model, test: [] }), "it judges by no rows");
      const unlabelled = parityRows().map((row) => ({ ...row, parity: null }));
      await assertCoded(judged(subject, { model, test: unlabelled }), "it judges by rows without labels");
    },
  },
  {
    name: "predictions that are no numbers are refused with a coded error",
    async run(subject) {
      const model = new ScriptedModel((number) => (number === 7 ? Number.NaN : 0.5));
      await assertCoded(judged(subject, { model }), "it takes a probability that is no number");
    },
  },
];

/**
 * Certifies a step that evaluates, under any test runner.
 *
 * @example testEvaluatorStep({ test, step: evaluate() });
 */
export function testEvaluatorStep(subject: EvaluatorSubject & StepKitOptions): void {
  registerStepCases(evaluatorStepCases, subject);
}
