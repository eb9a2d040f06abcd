/** A number of an epoch as TensorBoard's curves have it. */
export interface EpochScalar {
  /** The subdirectory of the log that its event file lies in. */
  readonly run: "train" | "validation";
  readonly tag: string;
  readonly value: number;
}

const ofValidation = "val_";

/** The loss and the metrics of an epoch by the names that Keras gives them: `epoch_loss` of the runs `train` and `validation`. */
export function epochScalars(metrics: Readonly<Record<string, number>>): EpochScalar[] {
  return Object.entries(metrics).map(([name, value]) =>
    name.startsWith(ofValidation)
      ? { run: "validation", tag: `epoch_${name.slice(ofValidation.length)}`, value }
      : { run: "train", tag: `epoch_${name}`, value },
  );
}
