export type OptimizerName = "adam" | "sgd" | "rmsprop" | "adagrad";

/** The parameters that every feed-forward trainer has; `tenon run --param fit.epochs=5` sets one. */
export interface TrainingParameters {
  /** How often all rows are gone through. */
  readonly epochs: number;
  /** Rows that a step of the optimizer looks at. */
  readonly batchSize: number;
  /** By which it is multiplied what the optimizer wants to change. */
  readonly learningRate: number;
  readonly optimizer: OptimizerName;
  /** Equal seeds and equal inputs give equal weights, byte for byte. */
  readonly seed: number;
}

export const defaultParameters: TrainingParameters = {
  epochs: 10,
  batchSize: 32,
  learningRate: 0.001,
  optimizer: "adam",
  seed: 1,
};

/** In the order in which they are shown. */
export const parameterNames = Object.keys(defaultParameters);
