import type { Example } from "@tenon/tfrecord";
import type { ColumnKind } from "../vocabulary/data-schema.js";
import type { Row } from "../vocabulary/row.js";
import { describeFiles, type Files, findFiles } from "./files.js";
import { optional } from "./optional-package.js";
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
      const rows: Row[] = [];
      // An Example keeps the piece of the file that it was read from: only those wait that tell the columns.
      const waiting: Example[] = [];
      let schema = columns && { columns };
      const settle = () => {
        const known = schema ?? inferExampleSchema(waiting);
        schema = known;
        for (const example of waiting.splice(0)) rows.push(exampleToRow(example, known));
      };
      for (const file of await findFiles(files, directory)) {
        for await (const example of readExamples(file, { ...(signal && { signal }) })) {
          waiting.push(example);
          if (schema || waiting.length === looksAt) settle();
        }
      }
      settle();
      return evenIntegers(rows);
    },
  };
}
