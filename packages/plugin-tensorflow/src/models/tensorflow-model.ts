import { type Features, type FittedTransform, TrainedModel } from "@tenon/ml";
import type { io, LayersModel, Tensor } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";
import { inputShape } from "../training/examples.js";
import { loadNetwork } from "./load-network.js";

/** The memory of a backend is not JavaScript's: nothing else frees it when a network is forgotten. */
const forgotten = new FinalizationRegistry<readonly Tensor[]>((weights) => {
  for (const weight of weights) weight.dispose();
});

/**
 * A network of layers with the transform that was fitted for it: it predicts raw rows. TensorFlow.js is loaded, and the
 * weights take memory of its backend, when something is predicted for the first time.
 */
export class TensorFlowModel extends TrainedModel {
  readonly framework = "tensorflow";
  readonly artifacts: io.ModelArtifacts;
  #network: Promise<LayersModel> | undefined;

  constructor(transform: FittedTransform, artifacts: io.ModelArtifacts) {
    super(transform);
    this.artifacts = artifacts;
  }

  /** The network itself, which takes features and not raw rows. It is freed by `dispose`, or when nobody holds it any more. */
  network(): Promise<LayersModel> {
    this.#network ??= this.#load();
    return this.#network;
  }

  protected async score({ rows, width, values }: Features): Promise<ArrayLike<number>> {
    const [tf, network] = [await tensorflow(), await this.network()];
    const shape = inputShape(network, width);
    const output = tf.tidy(() => network.predict(tf.tensor(Float32Array.from(values), [rows, ...shape])) as Tensor);
    try {
      return await output.data();
    } finally {
      output.dispose();
    }
  }

  async #load(): Promise<LayersModel> {
    const network = await loadNetwork(this.artifacts);
    forgotten.register(network, network.getWeights());
    return network;
  }

  override dispose(): void {
    const network = this.#network;
    this.#network = undefined;
    network?.then(
      (model) => model.dispose(),
      () => {},
    );
  }
}
