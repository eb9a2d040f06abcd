import { isArtifactType } from "../contracts/artifact-type.js";
import type { JsonValue } from "../contracts/json.js";
import type { Materializer, Visualization } from "../contracts/materializer.js";
import type { SchemaIssue } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import { canonicalJsonText, NotJson } from "../materializers/canonical-json.js";
import type { DigestingWriter } from "./digesting-writer.js";
import type { EncodeOptions, VisualizationEntry } from "./saved-artifact.js";

const nameOfVisualization = /^[A-Za-z0-9][A-Za-z0-9._ -]{0,99}$/;

/** @throws `OUTPUT_INVALID` with every issue */
export async function checkSchema(value: unknown, { type, schema }: EncodeOptions): Promise<void> {
  const wanted = schema ?? (isArtifactType(type) ? type.schema : undefined);
  if (!wanted) return;
  const result = await wanted["~standard"].validate(value);
  if (!result.issues) return;
  throw new TenonError("OUTPUT_INVALID", {
    doing: `checking a value${typeof type === "object" ? ` of type ${type.name}` : ""} against its schema`,
    found: result.issues.map(issueText).join("; "),
    fix: "Make the value fit the declared type, or declare the type that it has.",
  });
}

function issueText({ message, path }: SchemaIssue): string {
  const place = path?.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return place ? `${message} (at ${place})` : message;
}

export async function saveFiles(materializer: Materializer, value: unknown, writer: DigestingWriter): Promise<void> {
  await materializer.save(value, writer);
  writer.signal?.throwIfAborted();
  if (writer.unfinished > 0) {
    throw new TenonError("MATERIALIZER_FAILED", {
      doing: `saving a value of type ${materializer.type.name}`,
      found: `save() ended before ${writer.unfinished} of its writes`,
      fix: "A materializer awaits files.write(…).",
    });
  }
}

export interface DescribedValue {
  readonly facts: {
    readonly metadata: Readonly<Record<string, JsonValue>>;
    readonly visualizations: readonly VisualizationEntry[];
  };
  readonly bodies: readonly { readonly name: string; readonly body: Uint8Array }[];
}

/** What a materializer says about a value beside its files. */
export async function describeValue(
  materializer: Materializer,
  value: unknown,
  more: Pick<EncodeOptions, "metadata" | "visualizations"> = {},
): Promise<DescribedValue> {
  const own = materializer.metadata ? await materializer.metadata(value) : {};
  const metadata = { ...own, ...more.metadata };
  const drawn = materializer.visualize ? await materializer.visualize(value) : [];
  const visualizations = [...drawn, ...(more.visualizations ?? [])];
  assertMetadata(materializer, metadata);
  assertNames(materializer, visualizations);
  return {
    facts: { metadata, visualizations: visualizations.map(({ name, mediaType }) => ({ name, mediaType })) },
    bodies: visualizations.map(({ name, body }) => ({
      name,
      body: typeof body === "string" ? Buffer.from(body) : body,
    })),
  };
}

function assertMetadata(materializer: Materializer, metadata: Record<string, JsonValue>): void {
  try {
    canonicalJsonText(metadata);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw new TenonError("MATERIALIZER_FAILED", {
      doing: `describing a value of type ${materializer.type.name}`,
      found: `its metadata is not JSON: ${error.message}`,
    });
  }
}

function assertNames(materializer: Materializer, visualizations: readonly Visualization[]): void {
  const names = new Set<string>();
  for (const { name } of visualizations) {
    const fault = names.has(name)
      ? `two visualizations have the name '${name}'`
      : nameOfVisualization.test(name)
        ? undefined
        : `${JSON.stringify(name)} is no name for a visualization`;
    names.add(name);
    if (fault === undefined) continue;
    throw new TenonError("MATERIALIZER_FAILED", {
      doing: `visualizing a value of type ${materializer.type.name}`,
      found: fault,
      fix: "Each needs its own name of letters, digits, '.', '_', '-' and spaces.",
    });
  }
}
