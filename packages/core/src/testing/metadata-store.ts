import type { MetadataStore } from "../contracts/metadata-store.js";
import { type ConformanceCase, type KitOptions, registerCases } from "./kit.js";
import { insertCases } from "./metadata-store-inserts.js";
import { keyCases } from "./metadata-store-keys.js";
import { scanCases } from "./metadata-store-scans.js";
import { sharingCases } from "./metadata-store-sharing.js";
import { valueCases } from "./metadata-store-values.js";

/** A store under test, and other ways to its data. */
export interface MetadataStoreSubject {
  readonly store: MetadataStore;
  /** Opens the same data once more in this process. */
  readonly openAgain?: () => Promise<MetadataStore>;
  /** How another process opens the same data. */
  readonly elsewhere?: OtherProcess;
  /** Called after the case, when all opened stores have been disposed. */
  readonly destroy?: () => Promise<void> | void;
}

export interface OtherProcess {
  /** The URL of a module that exports `open(argument: string): Promise<MetadataStore>`. */
  readonly module: string;
  readonly argument: string;
  /** Options for the Node that runs it. */
  readonly execArgv?: readonly string[];
  /** How many processes at once; by default 3. A store for many machines is tried with more. */
  readonly processes?: number;
}

export interface MetadataStoreKitOptions extends Omit<KitOptions<MetadataStoreSubject>, "create" | "destroy"> {
  /** Called for each case: an empty store, by itself or with other ways to its data. */
  readonly create: () => Promise<MetadataStore | MetadataStoreSubject> | MetadataStore | MetadataStoreSubject;
}

/** What a metadata store promises, a case each. */
export const metadataStoreCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  ...valueCases,
  ...keyCases,
  ...insertCases,
  ...scanCases,
  ...sharingCases,
];

/**
 * Certifies a metadata store under any test runner.
 *
 * @example
 * testMetadataStore({
 *   test,
 *   create: async () => {
 *     const directory = await mkdtemp(join(tmpdir(), "store-"));
 *     const open = () => openMyStore(directory);
 *     return {
 *       store: await open(),
 *       openAgain: open,
 *       elsewhere: { module: new URL("./open-my-store.js", import.meta.url).href, argument: directory },
 *     };
 *   },
 * });
 */
export function testMetadataStore({ create, ...options }: MetadataStoreKitOptions): void {
  registerCases(metadataStoreCases, {
    ...options,
    create: async () => {
      const created = await create();
      return "store" in created ? created : { store: created };
    },
    destroy: destroyMetadataStore,
  });
}

export async function destroyMetadataStore({ store, destroy }: MetadataStoreSubject): Promise<void> {
  await store.dispose?.();
  await destroy?.();
}
