import { TenonError } from "@tenon/core";
import type { Tensor } from "@tensorflow/tfjs";
import type { Epoch, Training } from "./callbacks.js";
import type { Batch, BatchSource } from "./examples.js";
import { seeded, shuffledOrder } from "./seeded-random.js";

/** Often enough for signals and heartbeats, seldom enough to cost nothing. */
const breathEveryMs = 20;

export interface Data {
  readonly train: BatchSource;
  readonly validation: BatchSource | undefined;
}

export interface LoopOptions {
  readonly seed: number;
  /** The first epoch, from 1; more than 1 when training goes on from a checkpoint. */
  readonly first: number;
  /** After each epoch. Returns true to stop. */
  epochEnd(epoch: Epoch): Promise<boolean>;
}

/**
 * Goes through the training rows in an order that seed and epoch decide, batch by batch.
 *
 * @throws `TRAINING_DIVERGED` with epoch and batch as soon as a loss is no number; the signal's reason between two batches
 */
export async function trainEpochs(training: Training, data: Data, options: LoopOptions): Promise<void> {
  for (let epoch = options.first; epoch <= training.epochs; epoch++) {
    // Its own seed, so that what goes on from a checkpoint draws what it would have drawn.
    const seed = `${options.seed}/epoch/${epoch}`;
    const metrics = await seeded(seed, () => trainEpoch(training, data.train, epoch, seed));
    const held = data.validation && (await validate(training, data.validation));
    if (await options.epochEnd({ epoch, metrics: { ...metrics, ...held } })) return;
  }
}

async function trainEpoch(
  { model, batchSize, epochs, signal }: Training,
  source: BatchSource,
  epoch: number,
  seed: string,
): Promise<Record<string, number>> {
  const order = shuffledOrder(source.rows, seed);
  const mean = new Mean(model.metricsNames);
  const breathe = breather(signal);
  for (let start = 0; start < order.length; start += batchSize) {
    const places = order.subarray(start, start + batchSize);
    const values = await withBatch(source, places, async ({ xs, ys }) => [await model.trainOnBatch(xs, ys)].flat());
    if (!Number.isFinite(values[0])) throw diverged(values[0], { epoch, epochs, batch: start / batchSize + 1 });
    mean.add(values, places.length);
    await breathe();
  }
  return mean.values("");
}

async function validate({ tf, model, batchSize, signal }: Training, source: BatchSource) {
  const places = Uint32Array.from({ length: source.rows }, (_, place) => place);
  const mean = new Mean(model.metricsNames);
  const breathe = breather(signal);
  for (let start = 0; start < places.length; start += batchSize) {
    const some = places.subarray(start, start + batchSize);
    const values = await withBatch(source, some, async ({ xs, ys }) => {
      const scalars = [model.evaluate(xs, ys, { batchSize: some.length })].flat() as Tensor[];
      const read = scalars.map((scalar) => scalar.dataSync()[0] as number);
      tf.dispose(scalars);
      return read;
    });
    mean.add(values, some.length);
    await breathe();
  }
  return mean.values("val_");
}

async function withBatch<T>(source: BatchSource, places: Uint32Array, use: (batch: Batch) => Promise<T>): Promise<T> {
  const batch = source.batch(places);
  try {
    return await use(batch);
  } finally {
    for (const tensor of [batch.xs, batch.ys].flat()) tensor.dispose();
  }
}

function breather(signal: AbortSignal): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last > breathEveryMs) {
      await new Promise((resolve) => setImmediate(resolve));
      last = performance.now();
    }
    signal.throwIfAborted();
  };
}

/** Means over all rows: the last batch may be a smaller one. */
class Mean {
  readonly #sums: number[];
  #rows = 0;

  constructor(readonly names: readonly string[]) {
    this.#sums = names.map(() => 0);
  }

  add(values: readonly number[], rows: number): void {
    this.#rows += rows;
    values.forEach((value, at) => {
      this.#sums[at] = (this.#sums[at] ?? 0) + value * rows;
    });
  }

  values(prefix: string): Record<string, number> {
    return Object.fromEntries(this.names.map((name, at) => [prefix + name, (this.#sums[at] as number) / this.#rows]));
  }
}

function diverged(loss: number | undefined, at: { epoch: number; epochs: number; batch: number }): TenonError {
  return new TenonError("TRAINING_DIVERGED", {
    doing: `training in epoch ${at.epoch} of ${at.epochs}, batch ${at.batch}`,
    found: `the loss is ${loss}`,
    fix: "Look for values that are not finite among the features, standardise them, or lower the learning rate.",
    details: at,
  });
}
