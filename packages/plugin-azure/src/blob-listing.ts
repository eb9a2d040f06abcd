import type { ContainerClient, ContainerListBlobFlatSegmentResponse } from "@azure/storage-blob";
import { compareKeys, type ObjectEntry } from "@tenon/core";
import { retrying } from "@tenon/core/remote";
import { isTransient } from "./blob-errors.js";
import type { NamedKind } from "./blob-names.js";

const mostListed = 5000;
const mostMarks = 64;

/** A place to go on from: all after `beyond` is found from the continuation on. */
interface Mark {
  readonly prefix: string;
  readonly beyond: string;
  readonly continuation: string;
}

export interface TakeOptions {
  readonly after?: string | undefined;
  /** At most so many. */
  readonly count: number;
  readonly retries: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists keys of one kind. The service goes on only from where it stopped itself, so the places where it did are kept:
 * page after page costs one pass in all, and a key that nobody stopped at is looked for from the prefix's start.
 */
export class BlobListing {
  readonly #marks: Mark[] = [];

  constructor(
    readonly container: ContainerClient,
    readonly kind: NamedKind,
  ) {}

  async take(prefix: string, { after, count, retries, signal }: TakeOptions): Promise<ObjectEntry[]> {
    const found: ObjectEntry[] = [];
    let continuation = after === undefined ? undefined : this.#markBefore(prefix, after);
    for (;;) {
      // One beyond the page only tells that there is one.
      const maxPageSize = Math.min(mostListed, Math.max(1, count - 1 - found.length));
      const page = await retrying(() => this.#page(prefix, maxPageSize, continuation, signal), {
        isTransient,
        retries,
        signal,
      });
      let last: string | undefined;
      for (const { name, size } of page.blobs) {
        const key = this.kind.key(name);
        if (key === undefined) continue;
        last = key;
        if (key.startsWith(prefix) && (after === undefined || compareKeys(key, after) > 0)) found.push({ key, size });
      }
      continuation = page.next;
      if (!continuation) return found;
      if (last !== undefined) this.#keep({ prefix, beyond: last, continuation });
      if (found.length >= count) return found.slice(0, count);
    }
  }

  async #page(prefix: string, maxPageSize: number, continuation: string | undefined, signal: AbortSignal | undefined) {
    const options = { prefix: this.kind.prefix(prefix), ...(signal && { abortSignal: signal }) };
    const pages = this.container
      .listBlobsFlat(options)
      .byPage({ maxPageSize, ...(continuation && { continuationToken: continuation }) });
    const { value }: { value?: ContainerListBlobFlatSegmentResponse } = await pages.next();
    const blobs = (value?.segment.blobItems ?? []).map(({ name, properties }) => ({
      name,
      size: properties.contentLength ?? 0,
    }));
    return { blobs, next: value?.continuationToken || undefined };
  }

  #keep(mark: Mark): void {
    this.#marks.push(mark);
    if (this.#marks.length > mostMarks) this.#marks.shift();
  }

  #markBefore(prefix: string, after: string): string | undefined {
    let best: Mark | undefined;
    for (const mark of this.#marks) {
      if (mark.prefix !== prefix || compareKeys(mark.beyond, after) > 0) continue;
      if (!best || compareKeys(mark.beyond, best.beyond) >= 0) best = mark;
    }
    return best?.continuation;
  }
}
