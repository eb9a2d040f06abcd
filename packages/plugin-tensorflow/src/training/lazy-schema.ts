import type { Schema } from "@tenon/core";

/** A schema of an object whose library is loaded when there is something to validate; its fields' names are known before. */
export function lazySchema<Out, In>(
  names: readonly string[],
  load: () => Promise<Schema<Out, In>>,
): Schema<Out, In> & { readonly shape: Readonly<Record<string, true>> } {
  let loading: Promise<Schema<Out, In>> | undefined;
  return {
    shape: Object.fromEntries(names.map((name) => [name, true])),
    "~standard": {
      version: 1,
      vendor: "tenon",
      validate: async (value) => {
        loading ??= load();
        return (await loading)["~standard"].validate(value);
      },
    },
  };
}
