import { defineIntegration, defineMaterializer, type MaterializerDefinition } from "@tenon/core";
import type { data, GraphModel, TensorContainer } from "@tensorflow/tfjs";
import { dataset, graphModel, layersModel, tensor, tensorboardLog, tensorflowModel, tensors, trainingCheckpoint } from "./types.js";

const requires = ["@tensorflow/tfjs"];

export const layersModelMaterializer = defineMaterializer({ type: layersModel, classes: ["LayersModel", "Sequential", "Functional"], writes: "tfjs-layers-model/1", requires, load: () => import("./materializers/layers-model.js") });
export const graphModelMaterializer: MaterializerDefinition<GraphModel> = defineMaterializer({ type: graphModel, classes: ["GraphModel"], writes: "tfjs-graph-model/1", requires, load: () => import("./materializers/graph-model.js") });
export const tensorMaterializer = defineMaterializer({ type: tensor, classes: ["Tensor", "Variable"], writes: "tfjs-tensors/1", requires, load: () => import("./materializers/tensor.js") });
export const tensorsMaterializer = defineMaterializer({ type: tensors, writes: "tfjs-tensors/1", requires, load: () => import("./materializers/tensors.js") });
export const trainedModelMaterializer = defineMaterializer({ type: tensorflowModel, classes: ["TensorFlowModel"], writes: "tfjs-trained-model/1", requires, load: () => import("./materializers/trained-model.js") });
export const datasetMaterializer: MaterializerDefinition<data.Dataset<TensorContainer>> = defineMaterializer({ type: dataset, classes: ["Dataset"], writes: "tfjs-dataset/1", requires, load: () => import("./materializers/dataset.js") });
export const tensorboardLogMaterializer = defineMaterializer({ type: tensorboardLog, classes: ["TensorBoardLog"], writes: "tensorboard-log/1", load: () => import("./materializers/tensorboard-log.js") });
export const checkpointMaterializer = defineMaterializer({ type: trainingCheckpoint, classes: ["TrainingCheckpoint"], writes: "tfjs-training/1", requires, load: () => import("./materializers/training-checkpoint.js") });

export default defineIntegration({ name: "tensorflow", materializers: [layersModelMaterializer, graphModelMaterializer, tensorMaterializer, tensorsMaterializer, trainedModelMaterializer, checkpointMaterializer, datasetMaterializer, tensorboardLogMaterializer] });

export { type FeatureTensor, tfrecordDataset, writeTfrecordDataset } from "./datasets/tfrecord-dataset.js";
export type { TensorFlowModel } from "./models/tensorflow-model.js";
export { type TensorShape, tensorOf } from "./tensor-shape.js";
export { type ScalarPoint, TensorBoardLog } from "./tensorboard/tensorboard-log.js";
export { type BackendName, type TensorFlow, tensorflow } from "./tensorflow.js";
export type { Epoch, Remembered, Training, TrainingCallback } from "./training/callbacks.js";
export { type EarlyStoppingOptions, earlyStopping } from "./training/early-stopping.js";
export type { Batch, BatchSource } from "./training/examples.js";
export { type FeedForwardOutputs, type FeedForwardParts, type FeedForwardTrainerOptions, feedForwardTrainer, type HistoryRow, type LoggedFeedForwardOutputs, type NetworkRequest } from "./training/feed-forward-trainer.js";
export type { OptimizerName, TrainingParameters } from "./training/parameters.js";
export { type TensorBoardOptions, tensorBoard } from "./training/tensorboard.js";
export { type TensorFlowTrainerOptions, type TrainContext, tensorflowTrainer } from "./training/tensorflow-trainer.js";
export { dataset, graphModel, layersModel, tensor, tensorboardLog, tensorflowModel, tensors } from "./types.js";
