import type { KernelConfig, KernelFunc, NamedTensorInfoMap, TensorInfo } from "@tensorflow/tfjs";
import type { TensorFlow } from "./names.js";

/** What takes and gives complex numbers besides the kernels that WebAssembly lacks. */
const polymorphic =
  /^(Identity|Reshape|ExpandDims|Cast|Slice|StridedSlice|Concat|Pack|Transpose|Tile|Add|Sub|Multiply|RealDiv|Neg|Sum|ZerosLike|Reverse)$/;

/**
 * Lets the plain backend compute what the WebAssembly backend cannot: depthwise gradients, Einsum, UnsortedSegmentSum, FFT,
 * and everything with complex numbers. Values go over and come back when a kernel of the other backend asks for them.
 */
export function registerMissingKernels(tf: TensorFlow): void {
  const own = new Map(tf.getKernelsForBackend("wasm").map((config) => [config.kernelName, config]));
  for (const config of tf.getKernelsForBackend("cpu")) {
    const { kernelName, gradFunc: _, ...rest } = config as KernelConfig & { gradFunc?: unknown };
    const there = own.get(kernelName);
    if (there === undefined) {
      tf.registerKernel({ ...rest, kernelName, backendName: "wasm", kernelFunc: onCpu(tf, config) });
    } else if (polymorphic.test(kernelName)) {
      tf.unregisterKernel(kernelName, "wasm");
      tf.registerKernel({ ...there, kernelFunc: forComplex(onCpu(tf, config), there.kernelFunc) });
    }
  }
}

function forComplex(complex: KernelFunc, real: KernelFunc): KernelFunc {
  return (call) => (isComplex(call.inputs, call.attrs) ? complex(call) : real(call));
}

function isComplex(inputs: NamedTensorInfoMap, attrs: unknown): boolean {
  for (const name in inputs) if (inputs[name]?.dtype === "complex64") return true;
  return (attrs as { dtype?: string } | undefined)?.dtype === "complex64";
}

function onCpu(tf: TensorFlow, { kernelFunc }: KernelConfig): KernelFunc {
  return ({ inputs, attrs }) => {
    const backend = tf.findBackend("cpu");
    const engine = tf.engine();
    const adopt = (made: TensorInfo) =>
      made instanceof tf.Tensor
        ? made
        : engine.makeTensorFromDataId(made.dataId, made.shape, made.dtype, backend as never);
    const made = kernelFunc({ inputs, ...(attrs !== undefined && { attrs }), backend: backend as object });
    return Array.isArray(made) ? made.map(adopt) : adopt(made);
  };
}
