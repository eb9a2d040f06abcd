export type { FittedColumn, FittedOperation, FittedTransform, TransformState } from "./preprocessing/fitted-transform.js";
export { type ColumnKind, type ColumnSchema, type DataSchema, sizeOf } from "./vocabulary/data-schema.js";
export { columnNames, isMissing, isVector, type Row, type Rows, type Splits, type Value } from "./vocabulary/row.js";
export { dataSchema, rows, tfrecord, transform } from "./vocabulary/types.js";
