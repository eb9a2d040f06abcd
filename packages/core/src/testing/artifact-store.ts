import type { ArtifactStore } from "../contracts/artifact-store.js";
import { keyCases } from "./artifact-store-keys.js";
import { listCases } from "./artifact-store-lists.js";
import { readCases } from "./artifact-store-reads.js";
import { writeCases } from "./artifact-store-writes.js";
import { type ConformanceCase, type KitOptions, registerCases } from "./kit.js";

/** A store under test, and another way to its objects. */
export interface ArtifactStoreSubject {
  readonly store: ArtifactStore;
  /** Opens the same root once more. */
  readonly openAgain?: () => Promise<ArtifactStore> | ArtifactStore;
  /** Called after the case. */
  readonly destroy?: () => Promise<void> | void;
}

export interface ArtifactStoreKitOptions extends Omit<KitOptions<ArtifactStoreSubject>, "create" | "destroy"> {
  /** Called for each case: an empty store, by itself or with another way to its objects. */
  readonly create: () => Promise<ArtifactStore | ArtifactStoreSubject> | ArtifactStore | ArtifactStoreSubject;
}

/** What an artifact store promises, a case each. */
export const artifactStoreCases: readonly ConformanceCase<ArtifactStoreSubject>[] = [
  ...writeCases,
  ...readCases,
  ...keyCases,
  ...listCases,
];

/**
 * Certifies an artifact store under any test runner.
 *
 * @example
 * testArtifactStore({ test, create: async () => new MyStore(await mkdtemp(join(tmpdir(), "store-"))) });
 */
export function testArtifactStore({ create, ...options }: ArtifactStoreKitOptions): void {
  registerCases(artifactStoreCases, {
    ...options,
    create: async () => {
      const made = await create();
      return "store" in made ? remembering(made) : remembering({ store: made });
    },
    destroy: (subject) => (subject as RememberingSubject).dispose(),
  });
}

interface RememberingSubject extends ArtifactStoreSubject {
  dispose(): Promise<void>;
}

/** Disposes of all stores that a case has opened. */
function remembering({ store, openAgain, destroy }: ArtifactStoreSubject): RememberingSubject {
  const opened = [store];
  return {
    store,
    ...(openAgain && {
      openAgain: async () => {
        const other = await openAgain();
        opened.push(other);
        return other;
      },
    }),
    async dispose() {
      for (const each of opened.reverse()) await each.dispose?.();
      await destroy?.();
    },
  };
}
