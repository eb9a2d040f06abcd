import { type Client, TenonError } from "@tenon/core";
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
export async function meantVersion(client: Client, { model, version, stage }: DeploymentRequest): Promise<string> {
  return (await client.models.get(`${model}@${stage ?? version ?? "latest"}`)).version;
}

/**
 * Loads the trained model that belongs to a version. Which one that is, is known from metadata; nothing else is loaded.
 *
 * @throws `MODEL_UNKNOWN`, `MODEL_NOT_SERVABLE`, `ARTIFACT_MISSING`, and what the materializer throws
 */
export async function loadServed(client: Client, name: string, version: string): Promise<ServedModel> {
  const found = await client.models.get(`${name}@${version}`);
  const artifacts = await Promise.all(found.artifacts.map(({ artifact }) => client.artifacts.get(artifact)));
  const candidates = artifacts.filter(({ metadata }) => metadata.trainedModel !== undefined);
  const [only, other] = candidates;
  const doing = `loading version ${found.version} of the model '${name}' to serve it`;
  if (only === undefined || other !== undefined) {
    const names = (some: typeof artifacts) => some.map(({ id }) => id).join(", ");
    throw new TenonError("MODEL_NOT_SERVABLE", {
      doing,
      found:
        other !== undefined
          ? `several trained models belong to it: ${names(candidates)}`
          : artifacts.length === 0
            ? "no artifact belongs to it, as if its run had failed"
            : `none of its artifacts is a trained model: ${names(artifacts)}`,
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
  return { name, version: found.version, model, signature: signatureOf(model) };
}
