import type { io } from "@tensorflow/tfjs";

interface Node {
  readonly class_name?: unknown;
  readonly config?: { readonly name?: unknown };
}

/**
 * Names that TensorFlow.js makes up count what the process has made before: `dense_Dense7`. They are counted anew in each
 * model, so that equal models are equal bytes. Names that somebody chose stay.
 */
export function withStableNames(artifacts: io.ModelArtifacts): io.ModelArtifacts {
  const renamed = new Map<string, string>();
  const counts = new Map<string, number>();
  visit(artifacts.modelTopology, (node) => {
    const name = node.config?.name;
    if (typeof name !== "string" || typeof node.class_name !== "string" || renamed.has(name)) return;
    const prefix = madeUpPrefix(name, node.class_name);
    if (prefix === undefined) return;
    const count = (counts.get(prefix) ?? 0) + 1;
    counts.set(prefix, count);
    renamed.set(name, `${prefix}${count}`);
  });
  const change = (text: string) => rename(text, renamed);
  let optimizer = 0;
  const specs = artifacts.weightSpecs?.map((spec) => ({
    ...spec,
    name: spec.group === "optimizer" ? `optimizer/${optimizer++}` : change(spec.name),
  }));
  return {
    ...artifacts,
    modelTopology: mapTexts(artifacts.modelTopology, change) as object,
    ...(specs && { weightSpecs: specs }),
    ...(artifacts.trainingConfig && {
      trainingConfig: mapTexts(artifacts.trainingConfig, change) as io.TrainingConfig,
    }),
  };
}

/** Without its number, if TensorFlow.js has made the name up. */
function madeUpPrefix(name: string, className: string): string | undefined {
  const [, prefix = "", input = ""] = /^(.*?\D)\d+(_input)?$/.exec(name) ?? [];
  if (input !== "") return undefined; // follows the layer that it belongs to
  const own = new Set([`_${className}`, "sequential_", "input", "model", "functional", className.toLowerCase()]);
  return [...own].some((end) => (end.startsWith("_") ? prefix.endsWith(end) : prefix === end)) ? prefix : undefined;
}

function rename(text: string, renamed: ReadonlyMap<string, string>): string {
  return text.replace(/[A-Za-z0-9]\w*/g, (word) => {
    for (const end of ["", "_input"]) {
      for (const start of ["", "forward_", "backward_"]) {
        if (!word.endsWith(end) || !word.startsWith(start)) continue;
        const found = renamed.get(word.slice(start.length, word.length - end.length));
        if (found !== undefined) return `${start}${found}${end}`;
      }
    }
    return word;
  });
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (typeof value !== "object" || value === null) return;
  see(value as Node);
  for (const inner of Object.values(value)) visit(inner, see);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [change(key), mapTexts(item, change)]));
}
