import { defineIntegration, defineMaterializer, type MaterializerDefinition } from "@tenon/core";
import type { GraphModel } from "@tensorflow/tfjs";
import { graphModel, layersModel, tensor, tensors } from "./types.js";

const requires = ["@tensorflow/tfjs"];

export const layersModelMaterializer = defineMaterializer({ type: layersModel, classes: ["LayersModel", "Sequential", "Functional"], writes: "tfjs-layers-model/1", requires, load: () => import("./materializers/layers-model.js") });
export const graphModelMaterializer: MaterializerDefinition<GraphModel> = defineMaterializer({ type: graphModel, classes: ["GraphModel"], writes: "tfjs-graph-model/1", requires, load: () => import("./materializers/graph-model.js") });
export const tensorMaterializer = defineMaterializer({ type: tensor, classes: ["Tensor", "Variable"], writes: "tfjs-tensors/1", requires, load: () => import("./materializers/tensor.js") });
export const tensorsMaterializer = defineMaterializer({ type: tensors, writes: "tfjs-tensors/1", requires, load: () => import("./materializers/tensors.js") });

export default defineIntegration({ name: "tensorflow", materializers: [layersModelMaterializer, graphModelMaterializer, tensorMaterializer, tensorsMaterializer] });

export { type TensorShape, tensorOf } from "./tensor-shape.js";
export { type BackendName, type TensorFlow, tensorflow } from "./tensorflow.js";
export { graphModel, layersModel, tensor, tensors } from "./types.js";
