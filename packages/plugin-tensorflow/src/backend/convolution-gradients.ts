import type { NamedAttrMap, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "./names.js";

type Pair = readonly [number, number];
type Attributes = { readonly strides: number | [number, number]; readonly pad: Padding; readonly dataFormat?: "NHWC" };
type Padding = "valid" | "same" | number | [Pair, Pair, Pair, Pair];

/**
 * Gives the WebAssembly backend the gradients of a convolution, written as forward convolutions, which it has.
 *
 * With `y[n,i,j,o] = Σ x[n, i·s+a−p, j·s+b−p, c] · w[a,b,c,o]`, the gradient by the filter sums over n, i and j: that is a
 * convolution of x by dy with examples and channels exchanged, dilated by the stride. The gradient by the input is, for
 * stride 1, the convolution of dy by the filter turned around.
 */
export function registerConvolutionGradients(tf: TensorFlow): void {
  const backendName = "wasm";
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName,
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as { x: Tensor4D; dy: Tensor4D };
      const { filterShape } = attrs as unknown as { filterShape: Shape };
      return tf.tidy(() => byFilter(tf, x, dy, filterShape, info(tf, x.shape, filterShape, attrs)));
    },
  });
  const own = tf.getKernel("Conv2DBackpropInput", backendName);
  tf.unregisterKernel("Conv2DBackpropInput", backendName);
  tf.registerKernel({
    ...own,
    kernelFunc: (call) => {
      const { dy, filter } = call.inputs as unknown as { dy: Tensor4D; filter: Tensor4D };
      const { inputShape } = call.attrs as unknown as { inputShape: Shape };
      const convolution = info(tf, inputShape, filter.shape, call.attrs as NamedAttrMap);
      if (convolution.strideHeight !== 1 || convolution.strideWidth !== 1) return own.kernelFunc(call);
      return tf.tidy(() => byInput(tf, dy, filter, convolution));
    },
  });
}

type Shape = [number, number, number, number];
type Convolution = ReturnType<typeof info>;

function info(tf: TensorFlow, input: Shape, filter: Shape, attrs: NamedAttrMap | undefined) {
  const { strides, pad, dataFormat = "NHWC" } = attrs as unknown as Attributes;
  if (dataFormat !== "NHWC") throw new Error(`the wasm backend convolves NHWC only, and this is ${dataFormat}`);
  return tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad as "same", undefined, false, "channelsLast");
}

function byFilter(tf: TensorFlow, x: Tensor4D, dy: Tensor4D, [height, width]: Shape, convolution: Convolution) {
  const { padInfo, strideHeight, strideWidth } = convolution;
  const examples = tf.transpose(x, [3, 1, 2, 0]);
  const filter = tf.transpose(dy, [1, 2, 0, 3]);
  const dilations: [number, number] = [strideHeight, strideWidth];
  const whole = tf.conv2d(examples, filter, 1, explicit(padInfo), "NHWC", dilations);
  // A stride can leave rows at the end of the input that no output has seen.
  const seen = tf.slice(whole, [0, 0, 0, 0], [-1, height, width, -1]);
  return tf.transpose(seen, [1, 2, 0, 3]);
}

function byInput(tf: TensorFlow, dy: Tensor4D, filter: Tensor4D, convolution: Convolution) {
  const { padInfo, filterHeight, filterWidth } = convolution;
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const { top, bottom, left, right } = padInfo;
  const rest = { top: filterHeight - 1 - top, bottom: filterHeight - 1 - bottom };
  const sides = { left: filterWidth - 1 - left, right: filterWidth - 1 - right };
  return tf.conv2d(dy, turned, 1, explicit({ ...rest, ...sides }));
}

function explicit({ top, bottom, left, right }: { top: number; bottom: number; left: number; right: number }) {
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ] as [[number, number], [number, number], [number, number], [number, number]];
}
