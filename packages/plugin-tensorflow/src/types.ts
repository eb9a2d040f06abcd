import { type ArtifactType, artifactType } from "@tenon/core";
import type { GraphModel, LayersModel, NamedTensorMap, Tensor } from "@tensorflow/tfjs";
import type { TensorFlowModel } from "./models/tensorflow-model.js";

/**
 * A model of layers, with its weights and, if it was compiled, what it takes to train on: loss, metrics, optimizer and the
 * optimizer's state.
 *
 * @example
 * const finetune = step({ name: "finetune", inputs: { model: layersModel, more: table }, output: layersModel, … });
 */
export const layersModel = artifactType<LayersModel>("tensorflow/LayersModel");

/** A model that was converted from a graph of TensorFlow: it predicts, and does not train. */
export const graphModel: ArtifactType<GraphModel> = artifactType<GraphModel>("tensorflow/GraphModel");

/** A tensor of any dtype and shape. `tensorOf` asks for certain ones. */
export const tensor = artifactType<Tensor>("tensorflow/Tensor");

/** Tensors by name. */
export const tensors = artifactType<NamedTensorMap>("tensorflow/Tensors");

/** A network with the transform that goes with it, which predicts raw rows: what a TensorFlow trainer makes. */
export const tensorflowModel = artifactType<TensorFlowModel>("tensorflow/TrainedModel");
