import { type ArtifactType, artifactType } from "@tenon/core";
import type { ColumnKind, DataSchema } from "../vocabulary/data-schema.js";

/** Of numbers that are there; none of them is `NaN`. */
export interface NumberStatistics {
  readonly mean: number;
  /** Of a sample, that is divided by the count less one; absent of fewer than two numbers. */
  readonly deviation?: number;
  readonly minimum: number;
  readonly maximum: number;
  /** By share: `{ "0.25": 39.2 }`, between neighbours in proportion. */
  readonly quantiles: Readonly<Record<string, number>>;
  readonly zeros: number;
  readonly histogram: Histogram;
}

/** Buckets of equal width; the last one has its upper edge in it. */
export interface Histogram {
  /** One more than there are counts. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

/** Of values that repeat themselves: texts, truth values, integers. */
export interface ValueStatistics {
  readonly distinct: number;
  /** The most frequent first, of equally frequent ones the smallest. */
  readonly top: readonly { readonly value: string; readonly count: number }[];
}

export interface ColumnStatistics {
  readonly name: string;
  readonly kind: ColumnKind;
  /** Rows that have a value. */
  readonly present: number;
  readonly missing: number;
  /** Of a column of numbers. */
  readonly numbers?: NumberStatistics;
  /** Of bytes and vectors: of all numbers in them. */
  readonly elements?: Pick<NumberStatistics, "mean" | "deviation" | "minimum" | "maximum">;
  readonly values?: ValueStatistics;
  /** Of texts in characters, of bytes and vectors their number. */
  readonly lengths?: { readonly minimum: number; readonly mean: number; readonly maximum: number };
  /** Of times. */
  readonly period?: { readonly earliest: string; readonly latest: string };
}

/** What there is to know about a table without looking at its rows. */
export interface DataStatistics {
  readonly rows: number;
  readonly columns: readonly ColumnStatistics[];
  readonly schema: DataSchema;
}

/** Statistics, with a page that shows them. */
export const statistics: ArtifactType<DataStatistics> = artifactType("ml/Statistics");
