import type { JsonObject } from "@tenon/core";
import type { LayersModel, Tensor } from "@tensorflow/tfjs";
import type { TensorFlow } from "../backend/names.js";

/** How an epoch went: `loss`, the metrics by name, and those of the validation rows with `val_` before them. */
export interface Epoch {
  /** From 1. */
  readonly epoch: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/** What a callback is given. */
export interface Training {
  readonly tf: TensorFlow;
  readonly model: LayersModel;
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly signal: AbortSignal;
  /** Makes the epoch that has just ended the last one. */
  stop(): void;
}

/** What a callback has to remember when training goes on from a checkpoint. */
export interface Remembered {
  readonly values: JsonObject;
  /** They stay the callback's own when they are given, and become its own when they are taken back. */
  readonly tensors: readonly Tensor[];
}

/** Something that happens while a network is trained. Each function may be left out. */
export interface TrainingCallback {
  /** Before the first epoch. */
  begin?(training: Training): void | Promise<void>;
  /** After each epoch. */
  epochEnd?(epoch: Epoch, training: Training): void | Promise<void>;
  /** After the last epoch, if nothing has failed. */
  end?(training: Training): void | Promise<void>;
  /** For a checkpoint. */
  remember?(): Remembered;
  /** Called before `begin` when training goes on from a checkpoint. */
  recall?(remembered: Remembered): void;
  /** In any case: frees what it holds. */
  dispose?(): void | Promise<void>;
}
