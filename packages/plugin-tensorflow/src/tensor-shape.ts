import { type ArtifactType, artifactType, suggest, TenonError } from "@tenon/core";
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
 * @throws `PARAMETER_INVALID` for a dtype or a shape that no tensor has
 * @example const images = tensorOf({ dtype: "float32", shape: [null, 28, 28, 1] });
 */
export function tensorOf(expected: TensorShape): ArtifactType<Tensor> {
  checkShape(expected);
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

const dtypes = ["float32", "int32", "bool", "complex64", "string"];
const known = ["dtype", "shape"];

/** In a program without types anything may have been passed; then every tensor would be refused, or none. */
function checkShape(expected: TensorShape | undefined): void {
  const { dtype, shape } = expected ?? {};
  const isLength = (axis: unknown) => axis === null || (Number.isSafeInteger(axis) && (axis as number) >= 0);
  const unknown = Object.keys(expected ?? {}).find((name) => !known.includes(name));
  if (unknown !== undefined) throw wrong(`it says '${unknown}'`, suggest(unknown, known));
  if (dtype !== undefined && !dtypes.includes(dtype)) throw wrong(`its dtype is '${dtype}'`, suggest(dtype, dtypes));
  if (shape !== undefined && !(Array.isArray(shape) && shape.every(isLength)))
    throw wrong(`its shape is ${JSON.stringify(shape)}`, undefined);
}

function wrong(found: string, nearest: string | undefined): TenonError {
  const fix =
    nearest ?? `Say a dtype of ${dtypes.join(", ")}, and lengths: { dtype: "float32", shape: [null, 28, 28, 1] }.`;
  return new TenonError("PARAMETER_INVALID", { doing: "describing a tensor", found, fix });
}
