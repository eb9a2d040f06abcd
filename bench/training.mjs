// An epoch of training inside a step, beside the same loop without Tenon: in one process, in turn.
import { pipeline, run } from "../packages/core/dist/index.js";
import { fitTransform } from "../packages/ml/dist/index.js";
import { feedForwardTrainer, tensorflow } from "../packages/plugin-tensorflow/dist/index.js";
import { median, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const rounds = Number(process.env.RUNS ?? 9);
const [count, width, classes, batchSize, epochs] = [2000, 784, 10, 64, 5];

let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const rows = Array.from({ length: count }, (_, at) => ({
  image: Float32Array.from({ length: width }, random),
  digit: String(at % classes),
}));
const transform = fitTransform(rows, { features: { image: [] }, label: "digit" });

function network(tf) {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: 128, activation: "relu", inputShape: [width] }),
      tf.layers.dense({ units: classes, activation: "softmax" }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.001), loss: "sparseCategoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

/** Milliseconds of CPU time: what else the machine does at the moment is not the loop's. */
function now() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** From one end of an epoch to the next. */
let ends = [];
const durations = () => ends.slice(1).map((end, at) => end - ends[at]);

async function bare() {
  const tf = await tensorflow();
  const xs = Float32Array.from(rows.flatMap(({ image }) => [...image]));
  const ys = Float32Array.from(rows, ({ digit }) => Number(digit));
  const model = network(tf);
  ends = [now()];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = Uint32Array.from({ length: count }, (_, at) => at);
    for (let last = count - 1; last > 0; last--) {
      const other = Math.floor(random() * (last + 1));
      [order[last], order[other]] = [order[other], order[last]];
    }
    let sum = 0;
    for (let start = 0; start < count; start += batchSize) {
      const places = order.subarray(start, start + batchSize);
      const batch = new Float32Array(places.length * width);
      const labels = new Float32Array(places.length);
      for (const [at, place] of places.entries()) {
        batch.set(xs.subarray(place * width, (place + 1) * width), at * width);
        labels[at] = ys[place];
      }
      const [x, y] = [tf.tensor(batch, [places.length, width]), tf.tensor(labels, [places.length, 1])];
      const [loss] = await model.trainOnBatch(x, y);
      sum += loss * places.length;
      tf.dispose([x, y]);
    }
    if (!(sum > 0)) throw new Error("it did not learn");
    ends.push(now());
  }
  const { optimizer } = model;
  model.dispose();
  optimizer.dispose();
  return durations();
}

const fit = feedForwardTrainer({
  cache: false,
  defaults: { epochs, batchSize },
  modelFn: ({ tf }) => network(tf),
  callbacks: () => [
    {
      begin() {
        ends = [now()];
      },
      epochEnd() {
        ends.push(now());
      },
    },
  ],
});
const training = pipeline("training", () => ({ model: fit({ train: rows, transform }).model }));

const project = makeProject({}, ["plugin-tensorflow", "ml"]);

async function step() {
  await run(training, { directory: project.directory });
  return durations();
}

try {
  const samples = { bare: [], step: [] };
  await bare();
  await step();
  for (let round = 0; round < rounds; round++) {
    // Who goes first takes turns, too.
    for (const name of round % 2 ? ["step", "bare"] : ["bare", "step"]) {
      samples[name].push(...(name === "bare" ? await bare() : await step()));
      console.error(`round ${round + 1}/${rounds} ${name}`);
    }
  }
  const [without, within] = [median(samples.bare), median(samples.step)];
  report(
    "Training",
    `${table([
      ["an epoch", "CPU ms", "beside the bare loop"],
      ["the loop without Tenon", without, "1.00"],
      ["in a step, by `feedForwardTrainer`", within, (within / without).toFixed(3)],
    ])}

${count} rows of ${width} numbers, a network of ${width * 128 + 128 + 128 * classes + classes} parameters, batches of ${batchSize}, on WebAssembly. Medians of ${samples.bare.length} epochs each, in
one process, in turn. Target: at most 3 % over the bare loop.`,
  );
} finally {
  project.remove();
}
