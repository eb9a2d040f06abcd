import { isDeepStrictEqual } from "node:util";
import { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { SavedArtifact } from "../artifacts/saved-artifact.js";
import type { Materializer } from "../contracts/materializer.js";
import type { MaterializerSubject } from "./materializer.js";
import { MemoryArtifactStore } from "./memory-artifact-store.js";

/** A materializer over a store in memory, with everything that core puts between them. */
export class MaterializerHarness {
  readonly objects: Map<string, Uint8Array>;
  readonly vault: ArtifactVault;
  readonly #materializer: Materializer;

  constructor(materializer: Materializer, objects: Map<string, Uint8Array> = new Map()) {
    this.#materializer = materializer;
    this.objects = objects;
    const found = { id: `test:${materializer.type.name}`, materializer };
    this.vault = new ArtifactVault({
      store: new MemoryArtifactStore(objects),
      materializers: { forType: async () => found, forValue: async () => found },
      root: "test",
      inHeadBytes: 0,
    });
  }

  /** The same objects as another process sees them: nothing is in its memory. */
  elsewhere(): MaterializerHarness {
    return new MaterializerHarness(this.#materializer, this.objects);
  }

  save(value: unknown, signal?: AbortSignal): Promise<SavedArtifact> {
    return this.vault.save(value, {
      type: this.#materializer.type.name,
      location: this.vault.location("sample"),
      signal,
    });
  }

  /** The keys of an artifact's own files, without head and visualizations. */
  filesOf({ location }: SavedArtifact): string[] {
    return [...this.objects.keys()].filter(
      (key) => key.startsWith(`${location}/`) && !key.startsWith(`${location}/visualizations/`),
    );
  }
}

/** Runs a body for each sample, and takes away the files that loading has made. */
export async function withHarness(
  { materializer }: MaterializerSubject,
  body: (harness: MaterializerHarness) => Promise<void>,
): Promise<void> {
  const harness = new MaterializerHarness(materializer);
  try {
    await body(harness);
  } finally {
    await harness.vault.dispose();
  }
}

export async function same(
  { equal = isDeepStrictEqual }: MaterializerSubject,
  a: unknown,
  b: unknown,
): Promise<boolean> {
  return equal(a, b);
}
