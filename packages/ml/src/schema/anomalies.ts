import { type ArtifactType, artifactType } from "@tenon/core";
import type { DataSchema } from "../vocabulary/data-schema.js";

export type AnomalyKind =
  | "column missing"
  | "column unknown"
  | "value missing"
  | "wrong kind"
  | "not in domain"
  | "out of range"
  | "wrong shape";

/** Something about a column that is not as its schema says. */
export interface Anomaly {
  readonly column: string;
  readonly anomaly: AnomalyKind;
  /** As a clause: `12 rows have values that are not in the domain: Elba (12)`. */
  readonly found: string;
  /** How many rows, and the first ones of them, from 0. */
  readonly rows: number;
  readonly first: readonly number[];
}

export interface Validation {
  readonly rows: number;
  readonly schema: DataSchema;
  /** Empty if all is as it should be. */
  readonly anomalies: readonly Anomaly[];
}

/** What was found when rows were held against a schema, with a page that shows it. */
export const validation: ArtifactType<Validation> = artifactType("ml/Validation");
