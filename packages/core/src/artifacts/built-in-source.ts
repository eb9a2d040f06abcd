import type { MaterializerDefinition } from "../contracts/integration.js";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { builtInForValue, builtInMaterializers, whyNotBuiltIn } from "../materializers/built-in.js";
import type { FoundMaterializer, MaterializerSource } from "./materializer-source.js";

/** The built-in materializers alone, and what is added to them: for tests, and where no kernel is. */
export function builtInSource(added: readonly Materializer[] = []): MaterializerSource {
  return {
    async forType(type) {
      const own = added.find((materializer) => materializer.type.name === type);
      if (own) return { id: `added:${type}`, materializer: own };
      const definition = builtInMaterializers.find((candidate) => candidate.type.name === type);
      if (definition) return found(definition);
      throw new TenonError("MATERIALIZER_MISSING", {
        doing: `looking for the materializer of the type '${type}'`,
        found: "it is not a built-in one",
      });
    },
    async forValue(value) {
      const own = added.find((materializer) => materializer.recognises?.(value));
      if (own) return { id: `added:${own.type.name}`, materializer: own };
      const definition = builtInForValue(value);
      if (definition) return found(definition);
      throw new TenonError("MATERIALIZER_MISSING", {
        doing: "looking for a materializer by the value",
        found: `${whyNotBuiltIn(value) ?? "it is no plain data"}`,
        fix: "Return plain data, or declare an artifact type whose materializer saves this class.",
      });
    },
  };
}

async function found(definition: MaterializerDefinition): Promise<FoundMaterializer> {
  const { materializer } = await definition.load();
  return { id: `core:${definition.type.name}`, materializer };
}
