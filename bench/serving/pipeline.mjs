import { impute, linear, oneHot, preprocess, randomSplit, standardise, trainingPipeline } from "@tenon/ml";

const kinds = ["Adelie", "Chinstrap", "Gentoo"];
export const rows = Array.from({ length: 300 }, (_, at) => ({
  beak: 38 + (at % 3) * 5 + (at % 7) / 3,
  depth: 18 - (at % 3) + (at % 5) / 4,
  flipper: at % 31 === 0 ? null : 190 + (at % 3) * 12 + (at % 11),
  island: ["Biscoe", "Dream", "Torgersen"][(at * 7) % 3],
  species: kinds[at % 3],
}));

export const birds = trainingPipeline({
  name: "birds",
  data: rows,
  split: randomSplit({ train: 0.8, test: 0.2 }),
  preprocess: preprocess({
    features: {
      beak: [impute("mean"), standardise()],
      depth: [impute("mean"), standardise()],
      flipper: [impute("median"), standardise()],
      island: [oneHot()],
    },
    label: "species",
  }),
  train: linear({ epochs: 100 }),
});
