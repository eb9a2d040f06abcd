import { type Client, type ModelVersion, type RecordedArtifact, TenonError } from "@tenon/core";
import { isTrainedModel, type TrainedModel } from "../training/trained-model.js";
import type { DeploymentRequest } from "./model-deployer.js";
import { type Signature, signatureOf } from "./signature.js";

/** A version of a model that is loaded and answers. */
export interface ServedModel {
  readonly name: string;
  readonly version: string;
  readonly model: TrainedModel;
  readonly signature: Signature;
}

/** Which version a request means now. @throws `MODEL_UNKNOWN`, `MODEL_STAGE_UNKNOWN` */
export async function meantVersion(client: Client, request: DeploymentRequest): Promise<ModelVersion> {
  const { model, version, stage } = request;
  return await client.models.get(`${model}@${stage ?? version ?? "latest"}`);
}

/** The trained models that belong to a version, as their metadata tell: nothing is loaded. */
export async function trainedModelsOf(
  client: Client,
  { artifacts }: ModelVersion,
): Promise<readonly RecordedArtifact[]> {
  const found = await Promise.all(artifacts.map(({ artifact }) => client.artifacts.get(artifact)));
  return found.filter(({ metadata }) => metadata.trainedModel !== undefined);
}

/**
 * Loads the trained model that belongs to a version, and nothing else of it.
 *
 * @throws `MODEL_NOT_SERVABLE`, `ARTIFACT_MISSING`, and what the materializer throws
 */
export async function loadServed(client: Client, meant: ModelVersion): Promise<ServedModel> {
  const { name, version, artifacts } = meant;
  const candidates = await trainedModelsOf(client, meant);
  const [only, other] = candidates;
  const doing = `loading version ${version} of the model '${name}' to serve it`;
  if (only === undefined || other !== undefined) {
    throw new TenonError("MODEL_NOT_SERVABLE", {
      doing,
      found:
        other !== undefined
          ? `several trained models belong to it: ${candidates.map(({ id }) => id).join(", ")}`
          : artifacts.length === 0
            ? "no artifact belongs to it, as if its run had failed"
            : `none of its artifacts is a trained model: ${artifacts.map(({ artifact }) => artifact).join(", ")}`,
      fix:
        other !== undefined
          ? "Give each trained model a model of its own: step({ model: { name: … } })."
          : artifacts.length === 0
            ? `Name another version or a stage: tenon model list ${name}`
            : "Let the training step return a TrainedModel, as linear() and the trainers of integrations do.",
    });
  }
  const model = await only.load();
  if (!isTrainedModel(model)) {
    throw new TenonError("MODEL_NOT_SERVABLE", {
      doing,
      found: `${only.id} says that it is a trained model, and what its materializer loads is none`,
      fix: "Its materializer has to return an instance of a class that extends TrainedModel.",
    });
  }
  return { name, version, model, signature: signatureOf(model) };
}
