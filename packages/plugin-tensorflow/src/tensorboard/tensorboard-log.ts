import { resolve } from "node:path";
import type { Event } from "@tenon/tfrecord";

const brand = Symbol.for("tenon.tensorBoardLog");

/** A point of a curve: the step of the training, the value, and when it was, in seconds since 1970. */
export interface ScalarPoint {
  readonly step: number;
  readonly value: number;
  readonly wallTime: number;
}

/**
 * A directory of TensorBoard event files as a value that a step can return. Each of its subdirectories is a run of its own,
 * such as `train` and `validation`.
 *
 * @example
 * const writer = await openEventWriter("logs");
 * writer.scalar("loss", 0.25, { step: 1 });
 * await writer.close();
 * return new TensorBoardLog("logs");
 */
export class TensorBoardLog {
  /** Absolute: `tensorboard --logdir` shows it. What was loaded is read-only, and stays until the step or program ends. */
  readonly directory: string;

  constructor(directory: string) {
    this.directory = resolve(directory);
    Object.defineProperty(this, brand, { value: true });
  }

  /** Every event, file by file, with the run that it belongs to: `""`, or the path of its subdirectory. */
  async *events(): AsyncGenerator<Event & { readonly run: string }, void> {
    const [{ readEvents }, { logFiles }] = await Promise.all([import("@tenon/tfrecord"), import("./log-files.js")]);
    for (const { run, path } of await logFiles(this.directory)) {
      // Of a run that was killed the last event may not be whole.
      for await (const event of readEvents(path, { unfinished: true })) yield { ...event, run };
    }
  }

  /** The curves by run and tag, joined by `/` (`validation/epoch_loss`), each by its steps. */
  async scalars(): Promise<ReadonlyMap<string, readonly ScalarPoint[]>> {
    const { Curves } = await import("./curves.js");
    const curves = new Curves();
    for await (const event of this.events()) curves.add(event);
    return curves.sorted();
  }
}

export function isTensorBoardLog(value: unknown): value is TensorBoardLog {
  return typeof value === "object" && value !== null && brand in value;
}
