import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";

/**
 * Inserts what decides something together with links that others may have made before; those are left as they are.
 * Returns the deciding keys that were there already: none, if all is written.
 */
export async function insertWithLinks(
  store: MetadataStore,
  deciding: readonly MetadataRecord[],
  links: readonly MetadataRecord[],
): Promise<readonly string[]> {
  let open = links;
  for (;;) {
    const records = [...deciding, ...open];
    if (records.length === 0) return [];
    const result = await store.insert(records);
    if (result.inserted) return [];
    const taken = new Set(result.existing);
    const decided = deciding.filter(({ key }) => taken.has(key)).map(({ key }) => key);
    if (decided.length > 0) return decided;
    open = open.filter(({ key }) => !taken.has(key));
  }
}
