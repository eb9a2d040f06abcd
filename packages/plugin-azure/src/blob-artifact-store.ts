import { createHash } from "node:crypto";
import type { ContainerClient } from "@azure/storage-blob";
import {
  type ArtifactStore,
  assertKey,
  type Body,
  type ComponentContext,
  type ListOptions,
  type ObjectEntry,
  type ObjectPage,
  type ProbeFinding,
  type ReadOptions,
  type SecretReference,
  TenonError,
  type WriteOptions,
} from "@tenon/core";
import { type OpenedBody, probeArtifactStore, resumingRead, retrying } from "@tenon/core/remote";
import { openContainer } from "./blob-connection.js";
import { blobError, codeOf, isTransient, statusOf } from "./blob-errors.js";
import { BlobListing } from "./blob-listing.js";
import { BlobNames, merged } from "./blob-names.js";
import { writeBlob } from "./blob-write.js";

export interface BlobConfig {
  readonly account?: string | undefined;
  readonly container: string;
  readonly prefix?: string | undefined;
  readonly connectionString?: SecretReference | undefined;
  readonly accountKey?: SecretReference | undefined;
  readonly sasToken?: SecretReference | undefined;
}

export async function create({ config, resolveSecret }: ComponentContext<BlobConfig>): Promise<ArtifactStore> {
  const secretOf = async (reference: SecretReference | undefined) => reference && (await resolveSecret(reference));
  const container = await openContainer({
    account: config.account,
    container: config.container,
    connectionString: await secretOf(config.connectionString),
    accountKey: await secretOf(config.accountKey),
    sasToken: await secretOf(config.sasToken),
  });
  return new BlobArtifactStore(container, { prefix: config.prefix });
}

const reader = "Storage Blob Data Reader";
const contributor = "Storage Blob Data Contributor";
/** No key begins with it. */
const isNoPrefix = /[\p{Cc}\p{Surrogate}]/u;
const permissions = { list: reader, write: contributor, read: reader, delete: contributor };

/** Block blobs of a container; see `blob-names.ts` for how they are named. */
export class BlobArtifactStore implements ArtifactStore {
  readonly #container: ContainerClient;
  readonly #names: BlobNames;
  readonly #listings: readonly BlobListing[];
  readonly #retries: number;

  constructor(
    container: ContainerClient,
    { prefix = "", retries = 5 }: { prefix?: string | undefined; retries?: number } = {},
  ) {
    this.#container = container;
    this.#names = new BlobNames(prefix === "" ? "" : `${prefix.replace(/\/$/, "")}/`);
    this.#listings = this.#names.kinds.map((kind) => new BlobListing(container, kind));
    this.#retries = retries;
  }

  async write(key: string, body: Body, { ifAbsent = false, signal }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    signal?.throwIfAborted();
    const options = { ifAbsent, signal, retries: this.#retries };
    return this.#doing(`writing '${key}'`, contributor, signal, () => writeBlob(this.#blob(key), body, options));
  }

  async *read(key: string, { range, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    assertKey(key);
    signal?.throwIfAborted();
    const { start = 0, end } = range ?? {};
    if (end !== undefined && end <= start) {
      if (!(await this.stat(key, signal ? { signal } : {}))) throw this.#missing(key);
      return;
    }
    let expected: Uint8Array | undefined;
    const checksum = createHash("md5");
    const open = async (skip: number, version: string | undefined): Promise<OpenedBody> => {
      try {
        const count = end === undefined ? undefined : end - start - skip;
        const answer = await this.#retrying(signal, () =>
          this.#blob(key).download(start + skip, count, {
            maxRetryRequests: 0,
            ...(signal && { abortSignal: signal }),
            ...(version !== undefined && { conditions: { ifMatch: version } }),
          }),
        );
        if (skip === 0 && !range) expected = answer.contentMD5;
        const body = answer.readableStreamBody as AsyncIterable<Uint8Array> | undefined;
        return { body: body ?? none(), length: answer.contentLength ?? 0, version: answer.etag };
      } catch (error) {
        signal?.throwIfAborted();
        if (statusOf(error) === 416) return { body: none(), length: 0 };
        if (statusOf(error) === 412 || isBlobMissing(error)) throw this.#missing(key, version !== undefined);
        throw error;
      }
    };
    const doing = `reading '${key}'`;
    try {
      for await (const piece of resumingRead({ open, isTransient, signal })) {
        if (expected) checksum.update(piece);
        yield piece;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#coded(error, doing, reader);
    }
    if (expected && !checksum.digest().equals(expected)) {
      throw new TenonError("ARTIFACT_CORRUPT", {
        doing: `${doing} in ${this.#name}`,
        found: "its bytes are not those of the checksum that the service has of it",
        fix: "Read it again; if it stays so, run the step that made it again.",
        details: { key },
      });
    }
  }

  async stat(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<ObjectEntry | undefined> {
    assertKey(key);
    return this.#doing(`looking for '${key}'`, reader, signal, async () => {
      try {
        const options = signal ? { abortSignal: signal } : {};
        const { contentLength = 0 } = await this.#retrying(signal, () => this.#blob(key).getProperties(options));
        return { key, size: contentLength };
      } catch (error) {
        if (isBlobMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async list(prefix: string, { after, limit = 1000, signal }: ListOptions = {}): Promise<ObjectPage> {
    signal?.throwIfAborted();
    if (isNoPrefix.test(prefix)) return { entries: [] };
    return this.#doing(`listing '${prefix}'`, reader, signal, async () => {
      const options = { after, count: limit + 1, signal, retries: this.#retries };
      const [plain = [], packed = []] = await Promise.all(this.#listings.map((each) => each.take(prefix, options)));
      const all = merged(plain, packed);
      if (all.length <= limit) return { entries: all };
      const entries = all.slice(0, limit);
      return { entries, next: entries.at(-1)?.key as string };
    });
  }

  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    await this.#doing(`deleting '${key}'`, contributor, signal, async () => {
      try {
        const options = { deleteSnapshots: "include" as const, ...(signal && { abortSignal: signal }) };
        await this.#retrying(signal, () => this.#blob(key).delete(options));
      } catch (error) {
        if (!isBlobMissing(error)) throw error;
      }
    });
  }

  probe(options: { signal?: AbortSignal } = {}): Promise<readonly ProbeFinding[]> {
    return probeArtifactStore(this, permissions, options);
  }

  uri(key: string): string {
    return addressOf(this.#blob(key).url);
  }

  get #name(): string {
    return `the artifact store blob (${addressOf(this.#container.url)})`;
  }

  #blob(key: string) {
    return this.#container.getBlockBlobClient(this.#names.name(key));
  }

  #missing(key: string, meanwhile = false): TenonError {
    return new TenonError("ARTIFACT_MISSING", {
      doing: `reading ${this.uri(key)}`,
      found: meanwhile ? "it was replaced or deleted meanwhile" : "there is no such blob",
      fix: "Run the step that made it again.",
      details: { key },
    });
  }

  #retrying<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    return retrying(work, { isTransient, retries: this.#retries, signal });
  }

  #coded(error: unknown, doing: string, role: string): unknown {
    return blobError(error, { doing: `${doing} in ${this.#name}`, role });
  }

  async #doing<T>(doing: string, role: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#coded(error, doing, role);
    }
  }
}

function isBlobMissing(error: unknown): boolean {
  return statusOf(error) === 404 && codeOf(error) !== "ContainerNotFound" && codeOf(error) !== "ContainerBeingDeleted";
}

/** Without the signature that may be part of it. */
function addressOf(url: string): string {
  return url.replace(/\?.*$/s, "");
}

async function* none(): AsyncGenerator<Uint8Array> {}
