import { join } from "node:path";
import { type EventWriter, openEventWriter } from "@tenon/tfrecord";
import { TensorBoardLog } from "../tensorboard/tensorboard-log.js";
import { epochScalars } from "./epoch-scalars.js";
import type { HistoryRow } from "./feed-forward-trainer.js";

/** By default a file is named by time, host and process. */
const fileName = "events.out.tfevents.0000000000.tenon.0.v2";

/** Writes the curves of a training into an empty directory. Equal histories give equal bytes. */
export async function historyLog(directory: string, history: readonly HistoryRow[]): Promise<TensorBoardLog> {
  const open = (run: string) => openEventWriter(join(directory, run), { fileName, clock: () => 0 });
  const writers = new Map<string, EventWriter>([["train", await open("train")]]);
  try {
    for (const { epoch, ...metrics } of history) {
      for (const { run, tag, value } of epochScalars(metrics)) {
        const writer = writers.get(run) ?? (await open(run));
        writers.set(run, writer);
        writer.scalar(tag, value, { step: epoch, wallTime: epoch });
      }
    }
  } finally {
    for (const writer of writers.values()) await writer.close();
  }
  return new TensorBoardLog(directory);
}
