import { join } from "node:path";
import type { EventWriter } from "@tenon/tfrecord";
import type { Epoch, Training, TrainingCallback } from "./callbacks.js";
import { epochScalars } from "./epoch-scalars.js";

export interface TensorBoardOptions {
  /** Whether histograms of the weights are written after each epoch; by default true. */
  readonly histograms?: boolean;
}

/**
 * Writes event files that TensorBoard shows while the network is trained: the loss and every metric after each epoch, as
 * `epoch_loss` of the runs `train` and `validation`, and how the weights are spread.
 *
 * @param directory where the files go, absolute or in the directory in which the step runs
 * @example feedForwardTrainer({ modelFn, callbacks: () => [tensorBoard("logs/digits")] })
 */
export function tensorBoard(directory: string, { histograms = true }: TensorBoardOptions = {}): TrainingCallback {
  const writers = new Map<string, EventWriter>();
  const writer = async (run: string): Promise<EventWriter> => {
    const { openEventWriter } = await import("@tenon/tfrecord");
    const opened = writers.get(run) ?? (await openEventWriter(join(directory, run)));
    writers.set(run, opened);
    return opened;
  };
  return {
    async epochEnd({ epoch, metrics }: Epoch, { model }: Training) {
      for (const { run, tag, value } of epochScalars(metrics)) (await writer(run)).scalar(tag, value, { step: epoch });
      const train = await writer("train");
      // Each weight's variable is the model's own: reading it makes no tensor that were to be freed.
      if (histograms)
        for (const weight of model.weights) train.histogram(weight.name, await weight.read().data(), { step: epoch });
      for (const log of writers.values()) await log.flush();
    },
    async dispose() {
      for (const log of writers.values()) await log.close();
      writers.clear();
    },
  };
}
