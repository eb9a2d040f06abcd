import type { Tensor } from "@tensorflow/tfjs";
import { describe, expect, test } from "vitest";
import { tensorflow } from "../tensorflow.js";
import type { BackendName, TensorFlow } from "./names.js";

/** What the same computation gives on the plain backend and on WebAssembly. */
async function onBoth(compute: (tf: TensorFlow) => Tensor | Tensor[]): Promise<[number[], number[]]> {
  const results: number[][] = [];
  for (const backend of ["cpu", "wasm"] satisfies BackendName[]) {
    const tf = await tensorflow([backend]);
    expect(tf.getBackend()).toBe(backend);
    const made = tf.tidy(() => compute(tf));
    results.push([made].flat().flatMap((tensor) => [...tensor.dataSync()]));
    tf.dispose(made);
  }
  return results as [number[], number[]];
}

function expectClose([cpu, wasm]: [number[], number[]], tolerance = 1e-5): void {
  expect(wasm.length).toBe(cpu.length);
  const worst = Math.max(...cpu.map((value, index) => Math.abs(value - (wasm[index] as number))));
  expect(worst).toBeLessThan(tolerance);
}

const image = (tf: TensorFlow, size: number, channels: number) =>
  tf.randomUniform([2, size, size + 1, channels], -1, 1, "float32", 7) as ReturnType<TensorFlow["tensor4d"]>;

describe("the backend of TensorFlow.js", () => {
  test("is WebAssembly where tfjs-node is not installed, with SIMD", async () => {
    const tf = await tensorflow();
    expect(tf.getBackend()).toBe("wasm");
    expect(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")).toBe(true);
  });

  test("leaves no listeners for uncaught errors behind, and takes none away", async () => {
    const count = () => process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
    const before = count();
    await tensorflow(["wasm"]);
    expect(count()).toBe(before);
  });

  test("is the plain one with a warning where nothing faster works", async () => {
    const warnings: string[] = [];
    const listen = (warning: Error & { code?: string }) => warnings.push(`${warning.code}: ${warning.message}`);
    process.on("warning", listen);
    const tf = await tensorflow(["tensorflow", "cpu"]);
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener("warning", listen);
    expect(tf.getBackend()).toBe("cpu");
    expect(warnings).toEqual([expect.stringMatching(/^TENSORFLOW_SLOW_BACKEND: .*tfjs-node is not installed/)]);
  });

  test("says of each backend why it does not work", async () => {
    await expect(tensorflow(["tensorflow"])).rejects.toMatchObject({
      code: "COMPONENT_FAILED",
      message: expect.stringContaining("tensorflow: @tensorflow/tfjs-node is not installed"),
    });
  });
});

describe("what WebAssembly lacks", () => {
  test.each<[string, number | [number, number], "same" | "valid" | number, number]>([
    ["stride 1, same", 1, "same", 3],
    ["stride 1, valid", 1, "valid", 3],
    ["stride 1, even filter, same", 1, "same", 2],
    ["stride 2, same", 2, "same", 3],
    ["stride 2, valid, with a row left over", 2, "valid", 2],
    ["strides that differ", [1, 2], "same", 3],
    ["padding by number", 1, 1, 3],
  ])("gradients of a convolution agree with the plain backend: %s", async (_, strides, pad, size) => {
    const gradients = await onBoth((tf) => {
      const x = image(tf, 6, 3);
      const w = tf.randomUniform([size, size, 3, 4], -1, 1, "float32", 8) as ReturnType<TensorFlow["tensor4d"]>;
      return tf.grads(
        (a, b) =>
          tf
            .conv2d(a as typeof x, b as typeof w, strides as 1, pad as "same")
            .square()
            .sum() as never,
      )([x, w]);
    });
    expectClose(gradients, 1e-3);
  });

  test("gradients of a depthwise convolution, Einsum, segment sums and FFT come from the plain backend", async () => {
    expectClose(
      await onBoth((tf) => {
        const x = image(tf, 5, 2);
        const w = tf.randomUniform([3, 3, 2, 1], -1, 1, "float32", 9) as ReturnType<TensorFlow["tensor4d"]>;
        return tf.grads(
          (a, b) =>
            tf
              .depthwiseConv2d(a as typeof x, b as typeof w, 1, "same")
              .square()
              .sum() as never,
        )([x, w]);
      }),
      1e-4,
    );
    expectClose(
      await onBoth((tf) =>
        tf.einsum(
          "ij,jk->ik",
          tf.tensor2d([
            [1, 2],
            [3, 4],
          ]),
          tf.tensor2d([[5], [6]]),
        ),
      ),
    );
    expectClose(
      await onBoth((tf) => tf.unsortedSegmentSum(tf.tensor1d([1, 2, 3, 4]), tf.tensor1d([0, 1, 0, 1], "int32"), 2)),
    );
    expectClose(
      await onBoth((tf) => {
        const spectrum = tf.fft(tf.complex([1, 2, 3, 4], [0, 1, 0, -1]));
        return [tf.real(spectrum), tf.imag(spectrum), tf.real(tf.ifft(spectrum.reshape([1, 4]))), tf.abs(spectrum)];
      }),
    );
  });

  test("what goes from one backend to the other leaves no tensor behind", async () => {
    const tf = await tensorflow();
    const before = tf.memory();
    tf.tidy(() => {
      const spectrum = tf.fft(tf.complex([1, 2, 3, 4], [0, 1, 0, -1]));
      return void tf.real(tf.mul(spectrum, spectrum)).add(1).dataSync();
    });
    const { numTensors, numDataBuffers } = tf.memory();
    expect({ numTensors, numDataBuffers }).toEqual({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    });
  });
});
