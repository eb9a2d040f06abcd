/** What TensorFlow.js computes with: libtensorflow through tfjs-node, WebAssembly with SIMD, or plain JavaScript. */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** The fastest first. */
export const backendsByPreference: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

/** The functions of `@tensorflow/tfjs`. */
export type TensorFlow = typeof import("@tensorflow/tfjs");
