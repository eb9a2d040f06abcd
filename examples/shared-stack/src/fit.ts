import { setTimeout } from "node:timers/promises";
import { step } from "@tenon/core";
import { z } from "zod";

export const season = z.object({ mean: z.number(), swing: z.number() });
export type Season = z.infer<typeof season>;

/** Milliseconds that this machine rests after an epoch: what a slow machine is like. */
const rest = Number(process.env.STATIONS_REST ?? 0);

/** The wave of a year that comes nearest to the temperatures, by gradient descent. */
export const fit = step({
  name: "fit",
  params: z.object({ epochs: z.int().positive().default(40), rate: z.number().positive().default(0.2) }),
  inputs: { measured: z.array(z.number()) },
  output: season,
  async run({ measured }, { params: { epochs, rate }, log, signal, metadata }) {
    let [mean, swing] = [0, 0];
    let loss = Number.NaN;
    for (let epoch = 1; epoch <= epochs; epoch++) {
      let [ofMean, ofSwing, squares] = [0, 0, 0];
      for (const [day, temperature] of measured.entries()) {
        const wave = -Math.cos((2 * Math.PI * day) / 365);
        const error = mean + swing * wave - temperature;
        ofMean += error / measured.length;
        ofSwing += (error * wave) / measured.length;
        squares += error ** 2 / measured.length;
      }
      [mean, swing, loss] = [mean - rate * ofMean, swing - rate * ofSwing, Math.sqrt(squares)];
      log.info(`epoch ${epoch}: ${loss.toFixed(3)} degrees beside it`);
      log.progress(epoch, epochs, { label: "epoch", loss: Number(loss.toFixed(3)) });
      if (rest > 0) await setTimeout(rest, undefined, { signal });
    }
    metadata({ output: { loss: Number(loss.toFixed(6)) } });
    return { mean: Number(mean.toFixed(6)), swing: Number(swing.toFixed(6)) };
  },
});
