import type { ColumnSchema } from "../vocabulary/data-schema.js";
import type { Rows } from "../vocabulary/row.js";

export interface ReadOptions {
  /** What relative paths start from. */
  readonly directory: string;
  readonly signal?: AbortSignal;
}

/**
 * Somewhere that rows come from. Making one reads nothing; packages that it needs are loaded when it is read.
 *
 * @example
 * const survey: RowSource = { kind: "survey", description: "the survey's API", read: async () => (await fetch(url)).json() };
 */
export interface RowSource {
  /** `csv`, `parquet`, … */
  readonly kind: string;
  /** Where the rows come from, in words, without secrets; it is recorded. */
  readonly description: string;
  /** What the source knows of its columns beyond what the rows show: the shape of images. */
  readonly columns?: readonly (Partial<ColumnSchema> & { readonly name: string })[];
  /** @throws `DATA_UNREADABLE`, and nothing is handed out */
  read(options: ReadOptions): Promise<Rows>;
}
