import { type ArtifactType, artifactType } from "@tenon/core";
import type { data, GraphModel, LayersModel, NamedTensorMap, Tensor, TensorContainer } from "@tensorflow/tfjs";
import type { TensorFlowModel } from "./models/tensorflow-model.js";
import type { TensorBoardLog } from "./tensorboard/tensorboard-log.js";
import type { TrainingCheckpoint } from "./training/checkpoint.js";

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

/**
 * A dataset of `tf.data`, as a TFRecord file that is read each time that the dataset is gone through. Numbers that are no
 * tensors become float32, as they do in a batch.
 */
export const dataset: ArtifactType<data.Dataset<TensorContainer>> = artifactType("tensorflow/Dataset");

/** TensorBoard event files: `new TensorBoardLog(directory)`. */
export const tensorboardLog: ArtifactType<TensorBoardLog> = artifactType("tensorflow/TensorBoardLog");

/** Where a training was after an epoch; a later attempt goes on from it. */
export const trainingCheckpoint = artifactType<TrainingCheckpoint>("tensorflow/TrainingCheckpoint");
