import { feedForwardTrainer } from "@tenon/plugin-tensorflow";
import { z } from "zod";

/** A small convolutional network. Equal seeds give equal weights, byte for byte, on every machine. */
export const fit = feedForwardTrainer({
  params: { filters: z.int().positive().default(8) },
  defaults: { epochs: 6, batchSize: 64, learningRate: 0.004, seed: 1 },
  modelFn: ({ tf, outputs, activation, params }) =>
    tf.sequential({
      layers: [
        tf.layers.conv2d({
          inputShape: [28, 28, 1],
          filters: params.filters,
          kernelSize: 5,
          strides: 2,
          activation: "relu",
        }),
        tf.layers.conv2d({ filters: params.filters * 2, kernelSize: 3, strides: 2, activation: "relu" }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 64, activation: "relu" }),
        tf.layers.dense({ units: outputs, activation }),
      ],
    }),
});
