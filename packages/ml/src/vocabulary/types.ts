import { type ArtifactType, artifactType } from "@tenon/core";
import type { FittedTransform } from "../preprocessing/fitted-transform.js";
import type { DataSchema } from "./data-schema.js";
import type { Rows } from "./row.js";

/**
 * A table that a model learns from: 344 penguins, or 10,000 images. It lies as core's columns do, so that it can also be
 * read as `table`, `columns` or an Arrow table (bytes and `Float32Array`s are base64 there), and whatever was stored as one of
 * the first two, or as `tfrecord`, can be read as rows.
 */
export const rows: ArtifactType<Rows> = artifactType("ml/Rows");

/** The same rows, stored as a TFRecord file of `tf.train.Example`. Reading and writing it needs `@tenon/tfrecord`. */
export const tfrecord: ArtifactType<Rows> = artifactType("ml/TFRecord");

/** What is expected of a table. */
export const dataSchema: ArtifactType<DataSchema> = artifactType("ml/DataSchema");

/** What preprocessing has learnt from the training rows; it turns raw rows into what a model takes. */
export const transform: ArtifactType<FittedTransform> = artifactType("ml/Transform");
