import { type ArtifactReader, type Materializer, TenonError } from "@tenon/core";
import {
  type Example,
  type ExampleColumn,
  encodeExample,
  encodeRecords,
  exampleToRow,
  readExamples,
  rowToExample,
} from "@tenon/tfrecord";
import { inferSchema } from "../schema/infer-schema.js";
import { isMissing, isVector, type Row, type Rows } from "./row.js";
import { layoutOf } from "./row-columns.js";
import { tfrecord as type } from "./types.js";

const paths = { records: "rows.tfrecord", schema: "schema.json" };

/**
 * Rows lie as a TFRecord file with an Example a row, which TensorFlow reads, and beside it what its columns are, in their
 * order. Numbers that a float32 does not hold lie there as doubles, too, so that all come back as they were.
 */
export const materializer: Materializer<Rows> = {
  type,
  format: "ml-tfrecord/1",
  reads: ["ml-tfrecord/1"],

  async save(rows, files) {
    const columns = columnsOf(rows);
    const schema = { columns };
    await files.write(paths.schema, JSON.stringify({ rows: rows.length, columns }));
    await files.write(paths.records, encodeRecords(examples(rows, (row) => rowToExample(row, schema))));
  },

  load: readTfrecordRows,

  metadata: (rows) => {
    const columns = columnsOf(rows).slice(0, 1000);
    return {
      rows: rows.length,
      columns: columns.map(({ name }) => name),
      schema: Object.fromEntries(columns.map(({ name, kind }) => [name, kind])),
    };
  },
};

/** @throws `TFRECORD_CORRUPT`, `MESSAGE_INVALID` or `EXAMPLE_INVALID` if the file is not what was written */
export async function readTfrecordRows(files: ArtifactReader): Promise<Rows> {
  const schema = JSON.parse(await files.text(paths.schema)) as { rows: number; columns: ExampleColumn[] };
  const rows: Row[] = [];
  for await (const example of readExamples(files.stream(paths.records), { compression: "none" })) {
    rows.push(exampleToRow(example, schema));
  }
  if (rows.length === schema.rows) return rows;
  throw new TenonError("DATA_INVALID", {
    doing: "reading rows from a TFRecord file",
    found: `it should have ${schema.rows} records, and has ${rows.length}`,
    fix: "It is damaged: make the artifact again.",
  });
}

function* examples(rows: Rows, example: (row: Row) => Example): Generator<Uint8Array, void> {
  for (const row of rows) yield encodeExample(example(row));
}

function columnsOf(rows: Rows): ExampleColumn[] {
  if (!Array.isArray(rows)) {
    throw new TenonError("DATA_INVALID", {
      doing: "saving rows as a TFRecord file",
      found: `it is ${rows === null ? "null" : typeof rows}, not an array`,
      fix: "Rows are an array of plain objects.",
    });
  }
  // It refuses what is no row, and says where.
  layoutOf(rows);
  return inferSchema(rows).columns.map(({ name, kind }): ExampleColumn => {
    if (kind === "integer" && rows.some((row) => Object.is(row[name], -0))) return { name, kind: "number" };
    if (kind !== "number" && kind !== "vector") return { name, kind };
    return { name, kind, ...(rows.some((row) => needsDoubles(row[name])) && { exact: true }) };
  });
}

/** Lists of numbers are doubles anyway: what they are read as tells them from lists of single-precision numbers. */
function needsDoubles(value: Row[string] | undefined): boolean {
  if (isMissing(value)) return false;
  return typeof value === "number" ? Math.fround(value) !== value : isVector(value) && !(value instanceof Float32Array);
}
