import { evaluate as evaluating, impute, linear, oneHot, preprocess, standardise, stratifiedSplit } from "@tenon/ml";

/** Holds rows back for the evaluation, the same share of each species. Equal seeds give equal parts. */
export const split = stratifiedSplit({ train: 0.8, test: 0.2 }, { by: "Species" });

/**
 * Fills in what was not measured, and gives every feature mean 0 and deviation 1. What it learns, it learns from the training rows;
 * it goes with the model, which therefore takes rows as they were noted down.
 */
export const prepare = preprocess({
  features: {
    "Beak Length (mm)": [impute("median"), standardise()],
    "Beak Depth (mm)": [impute("median"), standardise()],
    "Flipper Length (mm)": [impute("median"), standardise()],
    "Body Mass (g)": [impute("median"), standardise()],
    Island: [oneHot()],
    Sex: [impute("mostFrequent"), oneHot({ values: ["FEMALE", "MALE"], unknown: "zeros" })], // one was noted down as "."
  },
  label: "Species",
});

/** Softmax regression: no chance in it, so equal inputs give equal models. */
export const fit = linear({ epochs: 200 }, { name: "fit" });

/** Looks at birds that the model has not seen. What it finds is metadata of the model too, so that versions can be compared by it. */
export const evaluate = evaluating({ slices: ["Island", "Sex"] });
