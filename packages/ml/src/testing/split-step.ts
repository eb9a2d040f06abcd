import assert from "node:assert/strict";
import type { ConformanceCase } from "@tenon/core/testing";
import { type SplitStep, splitter } from "../steps/contracts.js";
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

export interface SplitSubject extends StepSubject<SplitStep> {
  /** By default made-up penguins with the columns id, island, beak, depth, flipper, mass and species. */
  readonly rows?: () => Rows;
}

type Parts = Readonly<Record<string, Rows>>;
const rowsOf = ({ rows = birds }: SplitSubject) => rows();

/** What a step that splits promises, a case each. */
export const splitStepCases: readonly ConformanceCase<SplitSubject>[] = [
  {
    name: "it declares what a split takes and gives",
    async run({ step }) {
      assertDeclares(step, splitter);
    },
  },
  {
    name: "its parts are rows that it was given, none of them more often than that",
    async run(subject) {
      const left = new Map<string, number>();
      for (const row of rowsOf(subject)) left.set(JSON.stringify(row), (left.get(JSON.stringify(row)) ?? 0) + 1);
      const parts = await execute<Parts>(subject, { rows: rowsOf(subject) });
      for (const [name, part] of Object.entries(parts)) {
        for (const row of part) {
          const times = left.get(JSON.stringify(row)) ?? 0;
          assert.ok(times > 0, `the part '${name}' has a row that is no given one, or is in another part`);
          left.set(JSON.stringify(row), times - 1);
        }
      }
    },
  },
  {
    name: "no part is empty",
    async run(subject) {
      const parts = await execute<Parts>(subject, { rows: rowsOf(subject) });
      for (const [name, part] of Object.entries(parts)) assert.ok(part.length > 0, `the part '${name}' has no rows`);
    },
  },
  {
    name: "equal rows and parameters give equal parts",
    async run(subject) {
      const [one, other] = [
        await execute<Parts>(subject, { rows: rowsOf(subject) }),
        await execute<Parts>(subject, { rows: rowsOf(subject) }),
      ];
      assert.deepEqual(one, other);
    },
  },
  {
    name: "it leaves the rows that it is given as they are",
    async run(subject) {
      const given = rowsOf(subject);
      await execute(subject, { rows: given });
      assert.deepEqual(given, rowsOf(subject));
    },
  },
  {
    name: "no rows are refused with a coded error",
    async run(subject) {
      await assertCoded(execute(subject, { rows: [] }), "it takes no rows for a part");
    },
  },
];

/**
 * Certifies a step that splits, under any test runner.
 *
 * @example testSplitStep({ test, step: byRegion });
 */
export function testSplitStep(subject: SplitSubject & StepKitOptions): void {
  registerStepCases(splitStepCases, subject);
}
