import { type DataSchema, datasource, json } from "@tenon/ml";

export const species = ["Adelie", "Chinstrap", "Gentoo"] as const;

const measurement = { kind: "number", required: false, minimum: 0 } as const;

/** A row as it was noted down on the islands: some measurements are missing. */
export const schema: DataSchema = {
  columns: [
    { name: "Species", kind: "text", required: true, domain: species },
    { name: "Island", kind: "text", required: true, domain: ["Biscoe", "Dream", "Torgersen"] },
    { name: "Beak Length (mm)", ...measurement },
    { name: "Beak Depth (mm)", ...measurement },
    { name: "Flipper Length (mm)", ...measurement },
    { name: "Body Mass (g)", ...measurement },
    { name: "Sex", kind: "text", required: false },
  ],
};

/** The Palmer penguins: 344 birds of three species, from the npm package vega-datasets, held against the schema as they are read. */
export const birds = datasource(
  "birds",
  // The package exports no data files, so the path starts from the module that it does export.
  json(new URL("../data/penguins.json", import.meta.resolve("vega-datasets"))),
  { schema },
);

/** Cached: the file belongs to a package, and changes with that package's version only. */
export const load = birds.reading({ name: "load", cache: true });
