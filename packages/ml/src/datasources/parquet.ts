import type { Row } from "../vocabulary/row.js";
import { describeFiles, type Files, findFiles, unreadable } from "./files.js";
import { optional } from "./optional-package.js";
import { evenIntegers, plainRow } from "./plain-value.js";
import type { RowSource } from "./row-source.js";

export interface ParquetOptions {
  /** Only these columns are read. */
  readonly columns?: readonly string[];
}

/**
 * Files of Apache Parquet, compressed or not. It needs the package `hyparquet`, and `hyparquet-compressors` for other compression
 * than Snappy. Times become text in ISO 8601.
 *
 * @see https://parquet.apache.org/docs/file-format
 */
export function parquet(files: Files, { columns }: ParquetOptions = {}): RowSource {
  return {
    kind: "parquet",
    description: `Parquet ${describeFiles(files)}`,
    async read({ directory, signal }) {
      const doing = `reading Parquet ${describeFiles(files)}`;
      const { asyncBufferFromFile, parquetReadObjects } = await optional("hyparquet", () => import("hyparquet"), doing);
      const compressors = await import("hyparquet-compressors").then(
        (module) => module.compressors,
        () => undefined,
      );
      const rows: Row[] = [];
      for (const file of await findFiles(files, directory)) {
        signal?.throwIfAborted();
        try {
          const options = { ...(columns && { columns: [...columns] }), ...(compressors && { compressors }) };
          const bytes = await asyncBufferFromFile(file);
          if (bytes.byteLength === 0) throw new Error("the file is empty");
          const records = await parquetReadObjects({ file: bytes, ...options });
          for (const [index, record] of records.entries()) rows.push(plainRow(record, index, file));
        } catch (cause) {
          throw unreadable(file, "Parquet", cause);
        }
      }
      return evenIntegers(rows);
    },
  };
}
