import type { Example } from "@tenon/tfrecord";
import type { ColumnKind } from "../vocabulary/data-schema.js";
import type { Row } from "../vocabulary/row.js";
import { describeFiles, type Files, findFiles, optional } from "./files.js";
import { evenIntegers } from "./plain-value.js";
import type { RowSource } from "./row-source.js";

export interface TfrecordOptions {
  /**
   * What the features hold; by default it is told from the first 1000 examples, which cannot tell truth values from integers.
   * Features that it does not name are left out.
   */
  readonly columns?: readonly {
    readonly name: string;
    readonly kind: ColumnKind;
    readonly shape?: readonly number[];
  }[];
}

const looksAt = 1000;

/**
 * TFRecord files of `tf.train.Example`, compressed or not, every checksum verified. It needs the package `@tenon/tfrecord`.
 *
 * @throws when it is read: `TFRECORD_CORRUPT`, `EXAMPLE_INVALID`
 */
export function tfrecordFiles(files: Files, { columns }: TfrecordOptions = {}): RowSource {
  return {
    kind: "tfrecord",
    description: `TFRecord ${describeFiles(files)}`,
    ...(columns && { columns }),
    async read({ directory, signal }) {
      const { exampleToRow, inferExampleSchema, readExamples } = await optional(
        "@tenon/tfrecord",
        () => import("@tenon/tfrecord"),
        "reading TFRecord files",
      );
      const examples: Example[] = [];
      for (const file of await findFiles(files, directory)) {
        for await (const example of readExamples(file, { ...(signal && { signal }) })) examples.push(example);
      }
      const schema = columns ? { columns } : inferExampleSchema(examples.slice(0, looksAt));
      return evenIntegers(examples.map((example): Row => exampleToRow(example, schema)));
    },
  };
}
