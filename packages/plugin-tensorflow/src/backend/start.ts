import { TenonError } from "@tenon/core";
import { type BackendName, backendsByPreference, type TensorFlow } from "./names.js";

let chosen: { readonly names: string; readonly loading: Promise<TensorFlow> } | undefined;

/** As `tensorflow` of this package says. */
export function startTensorFlow(backends: readonly BackendName[] = backendsByPreference): Promise<TensorFlow> {
  const names = backends.join();
  if (chosen?.names !== names) chosen = { names, loading: load(backends) };
  return chosen.loading;
}

async function load(backends: readonly BackendName[]): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs");
  // It advertises tfjs-node on standard error when its plain backend is used for the first time, for texts for example.
  (tf.findBackend("cpu") as unknown as { firstUse: boolean }).firstUse = false;
  const failed: string[] = [];
  for (const name of backends) {
    const fault = await start(tf, name);
    if (fault === undefined) {
      if (name === "cpu" && failed.length > 0) warn(failed);
      return tf;
    }
    failed.push(`${name}: ${fault}`);
  }
  chosen = undefined;
  throw new TenonError("COMPONENT_FAILED", {
    doing: "starting a backend of TensorFlow.js",
    found: `none works (${failed.join("; ")})`,
    fix: "Install @tensorflow/tfjs-backend-wasm in the version of @tensorflow/tfjs.",
  });
}

/** Why it does not work, or undefined if it is now the one that is used. */
async function start(tf: TensorFlow, name: BackendName): Promise<string | undefined> {
  try {
    if (name === "tensorflow") await (await import("./node.js")).loadNodeBackend();
    if (name === "wasm") return await (await import("./wasm.js")).startWasm(tf);
    if (!(await tf.setBackend(name))) return "its initialisation failed";
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] as string) : String(error);
  }
}

function warn(failed: readonly string[]): void {
  process.emitWarning(
    `TensorFlow.js computes in plain JavaScript, some hundred times slower than it could (${failed.join("; ")}). Install @tensorflow/tfjs-backend-wasm or @tensorflow/tfjs-node.`,
    { type: "TenonWarning", code: "TENSORFLOW_SLOW_BACKEND" },
  );
}
