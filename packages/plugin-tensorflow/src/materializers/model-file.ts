import { createRequire } from "node:module";
import { type ArtifactReader, type ArtifactWriter, TenonError } from "@tenon/core";
import type { io } from "@tensorflow/tfjs";
import { z } from "zod";
import { arrayBuffer, assertSize, specsSchema } from "./named-tensors.js";
import { readJson } from "./read-json.js";

/** The form that TensorFlow.js has for models on disk: any `tf.loadLayersModel` reads it. */
const files = { model: "model.json", weights: "weights.bin" };

const modelSchema = z.looseObject({
  format: z.string(),
  modelTopology: z.looseObject({}),
  generatedBy: z.string().optional(),
  weightsManifest: z.tuple([z.object({ paths: z.tuple([z.literal(files.weights)]), weights: specsSchema })]),
});

export async function writeModel(artifacts: io.ModelArtifacts, writer: ArtifactWriter): Promise<void> {
  const { weightSpecs = [], weightData = [], getWeightStream: _, ...rest } = artifacts;
  const json = { ...rest, weightsManifest: [{ paths: [files.weights], weights: weightSpecs }] };
  await writer.write(files.model, JSON.stringify(json));
  await writer.write(files.weights, Buffer.concat([weightData].flat().map((part) => new Uint8Array(part))));
}

/** @throws `ARTIFACT_FORMAT_UNREADABLE` if a newer version wrote it, `MATERIALIZER_FAILED` if it is damaged */
export async function readModel(
  reader: ArtifactReader,
  format: "layers-model" | "graph-model",
): Promise<io.ModelArtifacts> {
  const json = await readJson(reader, files.model, modelSchema);
  assertReadable(json.generatedBy);
  if (json.format !== format) {
    throw new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
      doing: `reading ${files.model}`,
      found: `it is a ${json.format}, and a ${format} was expected`,
      fix: "Load it as the type that it was saved as.",
    });
  }
  const data = await reader.bytes(files.weights);
  const [{ weights }] = json.weightsManifest;
  assertSize(weights, data, files.weights);
  const { weightsManifest: _, ...rest } = json;
  return { ...rest, weightSpecs: weights, weightData: arrayBuffer(data) } as unknown as io.ModelArtifacts;
}

/** `TensorFlow.js tfjs-layers v4.22.0`; what other tools have written has no version of ours. */
function assertReadable(generatedBy: string | undefined): void {
  const own = String(createRequire(import.meta.url)("@tensorflow/tfjs/package.json").version);
  const found = /^TensorFlow\.js tfjs-\w+ v(\d+)\.(\d+)/.exec(generatedBy ?? "");
  const [major = 0, minor = 0] = own.split(".").map(Number);
  if (found === null || Number(found[1]) < major) return;
  if (Number(found[1]) === major && Number(found[2]) <= minor) return;
  throw new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
    doing: `reading ${files.model}`,
    found: `it was saved by ${generatedBy}, and this is version ${own}`,
    fix: "Install that version of @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm, or a newer one.",
  });
}
