import type { BackendName, TensorFlow } from "./backend/names.js";

export type { BackendName, TensorFlow } from "./backend/names.js";

/**
 * TensorFlow.js on the best backend that works here: tfjs-node if it is installed and loads, else WebAssembly, else plain
 * JavaScript with a warning. It is loaded when this is called for the first time; a process has one backend at a time.
 *
 * @param backends which to try, in this order; by default `tensorflow` (tfjs-node), `wasm`, `cpu`
 * @throws `COMPONENT_FAILED` if none of them works, and says of each why
 * @example const tf = await tensorflow(); const sum = tf.tensor1d([1, 2]).sum();
 */
export async function tensorflow(backends?: readonly BackendName[]): Promise<TensorFlow> {
  return (await import("./backend/start.js")).startTensorFlow(backends);
}
