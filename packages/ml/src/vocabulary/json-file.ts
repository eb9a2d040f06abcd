import type { Materializer } from "@tenon/core";

interface JsonFile<T> extends Pick<Materializer<T>, "type" | "format" | "metadata" | "visualize"> {
  readonly path: string;
  /** How many spaces each level is set in; by default all is one line. */
  readonly indent?: number;
}

/** A materializer of plain data: one file of JSON, with the fields in their own order. */
export function jsonFile<T>({ path, indent, ...described }: JsonFile<T>): Materializer<T> {
  return {
    ...described,
    reads: [described.format],
    save: (value, files) => files.write(path, `${JSON.stringify(value, null, indent)}\n`),
    load: async (files) => JSON.parse(await files.text(path)) as T,
  };
}
