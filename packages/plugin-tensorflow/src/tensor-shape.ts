import { type ArtifactType, artifactType } from "@tenon/core";
import type { DataType, Tensor } from "@tensorflow/tfjs";

/** What a tensor has to look like. */
export interface TensorShape {
  readonly dtype?: DataType;
  /** A length for each axis; `null` where any will do. */
  readonly shape?: readonly (number | null)[];
}

/**
 * A tensor of a certain dtype and shape. It is checked when a step returns it: another is `OUTPUT_INVALID`, and the message
 * has what was expected and what was found.
 *
 * @param expected `null` in the shape stands for any length
 * @example const images = tensorOf({ dtype: "float32", shape: [null, 28, 28, 1] });
 */
export function tensorOf(expected: TensorShape): ArtifactType<Tensor> {
  return artifactType<Tensor>("tensorflow/Tensor", {
    schema: {
      "~standard": {
        version: 1,
        vendor: "tenon",
        validate: (value) => {
          const message = mismatch(value, expected);
          return message === undefined ? { value: value as Tensor } : { issues: [{ message }] };
        },
      },
    },
  });
}

/** What is expected and what is found, as a clause; undefined if they agree. */
function mismatch(value: unknown, expected: TensorShape): string | undefined {
  const wanted = `expected a tensor ${shown(expected)}`;
  const { dtype, shape } = (value ?? {}) as Partial<Tensor>;
  if (!Array.isArray(shape) || typeof dtype !== "string") return `${wanted}, and found no tensor`;
  const found = `${wanted}, and found ${shown({ dtype: dtype as DataType, shape })}`;
  if (expected.dtype !== undefined && expected.dtype !== dtype) return found;
  const axes = expected.shape;
  if (axes === undefined) return undefined;
  const fits = axes.length === shape.length && axes.every((axis, at) => axis === null || axis === shape[at]);
  return fits ? undefined : found;
}

/** `float32 [?, 28, 28, 1]` */
export function shown({ dtype, shape }: TensorShape): string {
  const axes = shape === undefined ? "of any shape" : `[${shape.map((axis) => axis ?? "?").join(", ")}]`;
  return dtype === undefined ? axes : `${dtype} ${axes}`;
}
