import type { Materializer } from "@tenon/core";
import type { DataSchema } from "../vocabulary/data-schema.js";
import { dataSchema } from "../vocabulary/types.js";

const path = "schema.json";

export const materializer: Materializer<DataSchema> = {
  type: dataSchema,
  format: "ml-schema/1",
  reads: ["ml-schema/1"],
  save: (value, files) => files.write(path, `${JSON.stringify(value, null, 2)}\n`),
  load: async (files) => JSON.parse(await files.text(path)) as DataSchema,
  metadata: ({ columns }) => ({ columns: columns.slice(0, 1000).map(({ name }) => name) }),
};
