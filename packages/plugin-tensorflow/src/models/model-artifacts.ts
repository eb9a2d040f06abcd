import type { GraphModel, io, LayersModel } from "@tensorflow/tfjs";
import { withStableNames } from "./stable-names.js";

/** A network in the memory of JavaScript, with nothing of it in that of the backend; equal networks are equal. */
export async function artifactsOf(
  model: LayersModel,
  { includeOptimizer = false }: { readonly includeOptimizer?: boolean } = {},
): Promise<io.ModelArtifacts> {
  return withStableNames(await savedArtifacts(model, { includeOptimizer }));
}

/** What a model hands over when it is saved. */
export async function savedArtifacts(
  model: LayersModel | GraphModel,
  options?: io.SaveConfig,
): Promise<io.ModelArtifacts> {
  let taken: io.ModelArtifacts | undefined;
  const handler: io.IOHandler = {
    save: async (artifacts) => {
      taken = artifacts;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    },
  };
  await model.save(handler, options);
  return taken as io.ModelArtifacts;
}

/** How many numbers a network has learnt. */
export function parametersOf({ weightSpecs = [] }: io.ModelArtifacts): number {
  return weightSpecs
    .filter(({ group }) => group !== "optimizer")
    .reduce((sum, { shape }) => sum + shape.reduce((product, axis) => product * axis, 1), 0);
}
