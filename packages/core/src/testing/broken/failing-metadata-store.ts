import type { MetadataStore } from "../../contracts/metadata-store.js";

/** What becomes of the operation at which the store breaks: nothing, or all of it without the caller hearing of it. */
export type Breakage = "before" | "after";

/**
 * A store whose process dies at its n-th write: that one throws, before or after it took effect, and every later
 * operation throws too. For simulating a crash at each moment there is.
 */
export function dyingMetadataStore(store: MetadataStore, atWrite: number, breakage: Breakage) {
  let writes = 0;
  const dead = () => new Error("the process has died");
  const write = async <T>(operation: () => Promise<T>): Promise<T> => {
    writes += 1;
    if (writes > atWrite || (writes === atWrite && breakage === "before")) throw dead();
    const result = await operation();
    if (writes === atWrite) throw dead();
    return result;
  };
  const readOnce = async <T>(operation: () => Promise<T>): Promise<T> => {
    if (writes >= atWrite) throw dead();
    return await operation();
  };
  const dying: MetadataStore = {
    get: (key) => readOnce(() => store.get(key)),
    getMany: (keys) => readOnce(() => store.getMany(keys)),
    scan: (prefix, options) => readOnce(() => store.scan(prefix, options)),
    put: (records) => write(() => store.put(records)),
    insert: (records) => write(() => store.insert(records)),
    delete: (keys) => write(() => store.delete(keys)),
  };
  return {
    store: dying,
    get died() {
      return writes >= atWrite;
    },
  };
}
