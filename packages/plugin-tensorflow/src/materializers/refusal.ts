import { type ArtifactType, TenonError } from "@tenon/core";

/** A value of another type was given to a materializer. */
export function refusal(type: ArtifactType<unknown>, value: unknown, fix: string): TenonError {
  const what =
    value === null ? "null" : typeof value === "object" ? (value.constructor?.name ?? "an object") : typeof value;
  return new TenonError("MATERIALIZER_MISSING", {
    doing: `saving a value as ${type.name}`,
    found: `it is ${what}`,
    fix,
  });
}
