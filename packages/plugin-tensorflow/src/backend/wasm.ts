import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { registerConvolutionGradients } from "./convolution-gradients.js";
import { registerMissingKernels } from "./cpu-kernels.js";
import type { TensorFlow } from "./names.js";

let registered = false;

/** Starts the WebAssembly backend, with what it lacks for training. Returns what is wrong, if anything is. */
export async function startWasm(tf: TensorFlow): Promise<string | undefined> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Asking findBackend would start it.
  if (!("wasm" in tf.engine().registry)) {
    const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(join(dirname(main), "/"));
  }
  const works = await withoutNewListeners(() => tf.setBackend("wasm"));
  if (!works) return "its initialisation failed";
  if (!registered) {
    registered = true;
    registerConvolutionGradients(tf);
    registerMissingKernels(tf);
  }
  return undefined;
}

const fatal = ["uncaughtException", "unhandledRejection"] as const;

/** Its initialisation adds listeners that throw again what they hear, which ends processes that would have gone on. */
async function withoutNewListeners<T>(work: () => Promise<T>): Promise<T> {
  const before = new Map(fatal.map((event) => [event, new Set(process.rawListeners(event))]));
  try {
    return await work();
  } finally {
    for (const [event, known] of before) {
      for (const listener of process.rawListeners(event)) {
        if (!known.has(listener) && isOfWasm(listener)) process.removeListener(event, listener as () => void);
      }
    }
  }
}

/** What somebody else has added meanwhile stays. */
function isOfWasm(listener: unknown): boolean {
  const source = String(listener);
  return source.includes("ExitStatus") || /^function \(reason\) \{ throw reason; \}$/.test(source);
}
