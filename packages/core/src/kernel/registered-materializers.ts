import type { MaterializerDefinition } from "../contracts/integration.js";
import type { Materializer } from "../contracts/materializer.js";

/** A definition, which is loaded on demand, or a materializer that is there already. */
export type RegisteredMaterializer = MaterializerDefinition<never> | Materializer<never>;

const registered = new Set<RegisteredMaterializer>();

/**
 * Makes a materializer known to this process. Write it where the steps are written, at the top level of a module: a step
 * that runs in a process of its own then finds it too. (Or name the module under `materializers` in `tenon.yaml`.)
 *
 * @returns a function that takes it back
 * @example
 * registerMaterializer({
 *   type: artifactType<Forest>("acme/Forest"),
 *   format: "forest/1",
 *   reads: ["forest/1"],
 *   recognises: (value) => value instanceof Forest,
 *   save: (forest, files) => files.write("forest.json", JSON.stringify(forest)),
 *   load: async (files) => Forest.from(JSON.parse(await files.text("forest.json"))),
 * });
 */
export function registerMaterializer<T>(materializer: MaterializerDefinition<T> | Materializer<T>): () => void {
  const entry = materializer as RegisteredMaterializer;
  registered.add(entry);
  return () => {
    registered.delete(entry);
  };
}

export function registeredMaterializers(): readonly RegisteredMaterializer[] {
  return [...registered];
}

export function isMaterializer(value: unknown): value is Materializer<never> {
  if (typeof value !== "object" || value === null) return false;
  const { type, format, save, load } = value as Partial<Materializer>;
  return (
    type?.kind === "artifactType" &&
    typeof format === "string" &&
    [save, load].every((one) => typeof one === "function")
  );
}

export function isMaterializerDefinition(value: unknown): value is MaterializerDefinition<never> {
  if (typeof value !== "object" || value === null) return false;
  const { type, writes, load } = value as Partial<MaterializerDefinition>;
  return type?.kind === "artifactType" && typeof writes === "string" && typeof load === "function";
}
