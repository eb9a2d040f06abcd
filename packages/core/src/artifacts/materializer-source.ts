import type { Materializer } from "../contracts/materializer.js";

export interface FoundMaterializer {
  /** `integration:type`, as artifact records name it: `core:json`. */
  readonly id: string;
  readonly materializer: Materializer;
}

/** Finds, loading it if need be, what saves or loads a value. The kernel's registry is one. */
export interface MaterializerSource {
  /**
   * The materializer of a type; with `format`, one that reads this format.
   * @throws `MATERIALIZER_MISSING`, `MATERIALIZER_AMBIGUOUS`, `ARTIFACT_FORMAT_UNREADABLE`
   */
  forType(type: string, options?: { readonly format?: string }): Promise<FoundMaterializer>;

  /**
   * The materializer that saves a value whose type was not declared.
   * @throws `MATERIALIZER_MISSING`, `MATERIALIZER_AMBIGUOUS`
   */
  forValue(value: unknown): Promise<FoundMaterializer>;
}
