import type { DataSchema } from "../vocabulary/data-schema.js";
import { jsonFile } from "../vocabulary/json-file.js";
import { dataSchema } from "../vocabulary/types.js";

export const materializer = jsonFile<DataSchema>({
  type: dataSchema,
  format: "ml-schema/1",
  path: "schema.json",
  indent: 2,
  metadata: ({ columns }) => ({ columns: columns.slice(0, 1000).map(({ name }) => name) }),
});
