import { type ArtifactReader, TenonError } from "@tenon/core";
import type { z } from "zod";

/** @throws `MATERIALIZER_FAILED` if the file is no JSON, or not such as the schema asks for */
export async function readJson<S extends z.ZodType>(
  reader: ArtifactReader,
  path: string,
  schema: S,
): Promise<z.infer<S>> {
  const text = await reader.text(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw damaged(path, `it is no JSON (${(cause as Error).message})`, cause);
  }
  const result = schema.safeParse(value);
  // As it was written: what zod gives has its fields in another order, and other bytes when it is saved again.
  if (result.success) return value as z.infer<S>;
  const [issue] = result.error.issues;
  throw damaged(path, `${issue?.path.join(".") || "it"}: ${issue?.message ?? "is not what was expected"}`);
}

function damaged(path: string, found: string, cause?: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: `reading ${path}`,
    found,
    fix: "It is damaged, or no artifact of this type: make it again.",
    ...(cause !== undefined && { cause }),
  });
}
