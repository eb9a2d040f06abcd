import { TenonError } from "@tenon/core";
import type { io, LayersModel } from "@tensorflow/tfjs";
import { tensorflow } from "../tensorflow.js";

/**
 * A network from what was saved of it.
 *
 * @throws `LAYER_UNKNOWN`
 */
export async function loadNetwork(artifacts: io.ModelArtifacts): Promise<LayersModel> {
  const tf = await tensorflow();
  try {
    return await tf.loadLayersModel(tf.io.fromMemory(artifacts));
  } catch (cause) {
    throw unknownLayer(cause) ?? cause;
  }
}

function unknownLayer(cause: unknown): TenonError | undefined {
  const name = /^Unknown (\w+): ([\w$>-]+(?:\.\w+)*)/.exec((cause as Error).message);
  if (name === null) return undefined;
  return new TenonError("LAYER_UNKNOWN", {
    doing: "loading a model of layers",
    found: `it has the ${name[1]?.toLowerCase()} '${name[2]}', which is not registered in this process`,
    fix: `Import the module that has the class and calls tf.serialization.registerClass(${name[2]}) before the model is loaded.`,
    cause,
  });
}
