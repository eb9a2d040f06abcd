import { bucketize } from "../preprocessing/built-in-operations.js";
import { fit } from "../preprocessing/fit.js";
import type { Features } from "../training/examples.js";
import { TrainedModel } from "../training/trained-model.js";
import type { Row, Rows } from "../vocabulary/row.js";

/** Rows whose class is `even` or `odd`, told by a number that is in the rows; `wrong` of them have the other class. */
export function parityRows(count = 40, wrong = 0): Rows {
  return Array.from(
    { length: count },
    (_, number): Row => ({
      number,
      half: number < count / 2 ? "first" : "second",
      parity: (number + (number < wrong ? 1 : 0)) % 2 === 0 ? "even" : "odd",
    }),
  );
}

/** A model that says of each row what it was told to say, given the row's number: the probability of `odd`. */
export class ScriptedModel extends TrainedModel {
  readonly framework = "scripted";
  readonly #say: (number: number) => number;

  constructor(say: (number: number) => number = (number) => (number % 2 === 1 ? 0.9 : 0.1)) {
    super(fit(parityRows(), { features: { number: [bucketize({ boundaries: numbers })] }, label: "parity" }));
    this.#say = say;
  }

  protected score({ values }: Features): number[] {
    // The bucket of a number is one above it.
    return Array.from(values, (bucket) => this.#say(bucket - 1));
  }
}

const numbers = Array.from({ length: 1000 }, (_, number) => number);
