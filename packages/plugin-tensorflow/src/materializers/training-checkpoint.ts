import type { JsonObject, Materializer } from "@tenon/core";
import type { io } from "@tensorflow/tfjs";
import { z } from "zod";
import { TrainingCheckpoint } from "../training/checkpoint.js";
import type { HistoryRow } from "../training/feed-forward-trainer.js";
import { trainingCheckpoint as type } from "../types.js";
import { assertSize, specsSchema } from "./named-tensors.js";
import { readJson } from "./read-json.js";
import { refusal } from "./refusal.js";

const paths = { state: "training.json", data: "tensors.bin" };

const stateSchema = z.object({
  epoch: z.int().nonnegative(),
  history: z.array(z.record(z.string(), z.number())),
  callbacks: z.array(z.looseObject({})),
  specs: specsSchema,
});

export const materializer: Materializer<TrainingCheckpoint> = {
  type,
  format: "tfjs-training/1",
  reads: ["tfjs-training/1"],
  recognises: (value): value is TrainingCheckpoint => value instanceof TrainingCheckpoint,

  async save(value, files) {
    if (!(value instanceof TrainingCheckpoint)) throw refusal(type, value, "Only trainers make checkpoints.");
    const { epoch, history, callbacks, specs, data } = value;
    await files.write(paths.state, JSON.stringify({ epoch, history, callbacks, specs }));
    await files.write(paths.data, data);
  },

  async load(files) {
    const { epoch, history, callbacks, specs } = await readJson(files, paths.state, stateSchema);
    const data = await files.bytes(paths.data);
    assertSize(specs, data, paths.data);
    return new TrainingCheckpoint(
      epoch,
      history as unknown as HistoryRow[],
      callbacks as JsonObject[],
      specs as io.WeightsManifestEntry[],
      data,
    );
  },

  metadata: ({ epoch, specs }) => ({ epoch, tensors: specs.length }),
};
