import type { ArtifactStore, ObjectEntry } from "../contracts/artifact-store.js";

/** Everything below a prefix, in the order of the keys, page by page as it is asked for. */
export async function* listAll(store: ArtifactStore, prefix: string, signal?: AbortSignal): AsyncIterable<ObjectEntry> {
  for (let after: string | undefined; ; ) {
    const page = await store.list(prefix, { ...(after !== undefined && { after }), ...(signal && { signal }) });
    yield* page.entries;
    after = page.next;
    if (after === undefined) return;
  }
}
