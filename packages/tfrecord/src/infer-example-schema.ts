import { isUtf8 } from "node:buffer";
import { TenonError } from "@tenon/core";
import type { Example } from "./example.js";
import { type ExampleColumn, type ExampleColumnKind, type ExampleSchema, exactFeature } from "./example-schema.js";
import type { Feature } from "./feature.js";

interface Seen {
  readonly kind: Exclude<Feature["kind"], "none">;
  single: boolean;
  text: boolean;
}

/**
 * The columns that rows of these Examples would have, by name: lists of one float are numbers, of one integer integers, all
 * other lists vectors; byte strings are text if all of them are UTF-8, else bytes. The more Examples are looked at the
 * better; truth values and times cannot be told from integers and texts. Floats whose 64 bits lie beside them are exact.
 *
 * @throws `EXAMPLE_INVALID` if a feature has lists of several kinds
 */
export function inferExampleSchema(examples: Iterable<Example>): ExampleSchema {
  const seen = new Map<string, Seen>();
  for (const { features } of examples) {
    for (const [name, feature] of features) if (feature.kind !== "none") look(seen, name, feature);
  }
  const exact = new Set([...seen.keys()].filter((name) => isExact(seen, name)));
  for (const name of exact) seen.delete(exactFeature(name));
  const columns = [...seen].map(
    ([name, found]): ExampleColumn => ({ name, kind: kindOf(found), ...(exact.has(name) && { exact: true }) }),
  );
  return { columns };
}

function look(seen: Map<string, Seen>, name: string, feature: Exclude<Feature, { kind: "none" }>): void {
  const found = seen.get(name) ?? { kind: feature.kind, single: true, text: true };
  seen.set(name, found);
  if (found.kind !== feature.kind) {
    throw new TenonError("EXAMPLE_INVALID", {
      doing: "finding out which columns tf.train.Examples have",
      found: `feature '${name}' is a list of ${found.kind} in one and of ${feature.kind} in another`,
    });
  }
  if (feature.values.length > 1) found.single = false;
  if (feature.kind === "bytes" && found.text)
    found.text = feature.values.every((value) => isUtf8(value) && !value.includes(0));
}

/** Whether the doubles of a list of floats lie beside it. */
function isExact(seen: ReadonlyMap<string, Seen>, name: string): boolean {
  return seen.get(name)?.kind === "float" && seen.get(exactFeature(name))?.kind === "bytes";
}

function kindOf({ kind, single, text }: Seen): ExampleColumnKind {
  if (kind === "bytes") return text ? "text" : "bytes";
  if (!single) return "vector";
  return kind === "float" ? "number" : "integer";
}
