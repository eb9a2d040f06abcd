import type { MetadataStore } from "../contracts/metadata-store.js";

/** A store that counts what it is asked, for tests of how much that is. */
export function countingStore(store: MetadataStore): { readonly store: MetadataStore; take(): number } {
  let calls = 0;
  const counting = new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name, target) as unknown;
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => {
        calls += 1;
        return member.apply(target, given);
      };
    },
  });
  return {
    store: counting,
    /** Calls since it was last asked. */
    take() {
      const taken = calls;
      calls = 0;
      return taken;
    },
  };
}
