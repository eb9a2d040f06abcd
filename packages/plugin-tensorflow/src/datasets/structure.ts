import { TenonError } from "@tenon/core";
import { z } from "zod";

const shape = z.array(z.int().nonnegative());

/** How an element of a dataset is put together, and in which feature of an Example each of its leaves lies. */
export type Structure =
  | {
      readonly kind: "tensor";
      readonly feature: string;
      readonly dtype: "float32" | "int32" | "bool" | "string";
      readonly shape: readonly number[];
    }
  | { readonly kind: LeafKind; readonly feature: string }
  | { readonly kind: "nothing" }
  | { readonly kind: "object"; readonly members: readonly { readonly name: string; readonly value: Structure }[] }
  | { readonly kind: "array"; readonly items: readonly Structure[] };

export type LeafKind = "number" | "boolean" | "text" | "float32Array" | "int32Array" | "uint8Array";

export const structureSchema: z.ZodType<Structure> = z.lazy(() =>
  z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("tensor"),
      feature: z.string(),
      dtype: z.enum(["float32", "int32", "bool", "string"]),
      shape,
    }),
    z.object({
      kind: z.enum(["number", "boolean", "text", "float32Array", "int32Array", "uint8Array"]),
      feature: z.string(),
    }),
    z.object({ kind: z.literal("nothing") }),
    z.object({ kind: z.literal("object"), members: z.array(z.object({ name: z.string(), value: structureSchema })) }),
    z.object({ kind: z.literal("array"), items: z.array(structureSchema) }),
  ]),
);

/** What lies beside the records: elements have one structure, that of the first. */
export const descriptionSchema = z.object({
  elements: z.int().nonnegative(),
  structure: structureSchema.nullable(),
});

/** Where the shape of a tensor lies that has another one than the first element's. */
export function shapeFeature(feature: string): string {
  return `${feature}@shape`;
}

/** A part of an element is not what it has to be. */
export function unfit(doing: string, element: number, feature: string, expected: string, found: string): TenonError {
  const where = feature === "" ? "" : `, at '${feature}',`;
  return new TenonError("TENSOR_MISMATCHED", {
    doing,
    found: `element ${element}${where} should be ${expected}, and is ${found}`,
    fix: "All elements of a dataset have the same structure and dtypes.",
    details: { element, feature, expected, found },
  });
}
