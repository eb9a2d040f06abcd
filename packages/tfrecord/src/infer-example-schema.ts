import { isUtf8 } from "node:buffer";
import { TenonError } from "@tenon/core";
import type { Example } from "./example.js";
import type { ExampleColumn, ExampleColumnKind, ExampleSchema } from "./example-schema.js";
import type { Feature } from "./feature.js";

interface Seen {
  readonly kind: Exclude<Feature["kind"], "none">;
  single: boolean;
  text: boolean;
}

/**
 * The columns that rows of these Examples would have, by name: lists of one float are numbers, of one integer integers, all
 * other lists vectors; byte strings are text if all of them are UTF-8, else bytes. The more Examples are looked at the
 * better; truth values and times cannot be told from integers and texts.
 *
 * @throws `EXAMPLE_INVALID` if a feature has lists of several kinds
 */
export function inferExampleSchema(examples: Iterable<Example>): ExampleSchema {
  const seen = new Map<string, Seen>();
  for (const { features } of examples) {
    for (const [name, feature] of features) if (feature.kind !== "none") look(seen, name, feature);
  }
  const columns = [...seen].map(([name, found]): ExampleColumn => ({ name, kind: kindOf(found) }));
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

function kindOf({ kind, single, text }: Seen): ExampleColumnKind {
  if (kind === "bytes") return text ? "text" : "bytes";
  if (!single) return "vector";
  return kind === "float" ? "number" : "integer";
}
