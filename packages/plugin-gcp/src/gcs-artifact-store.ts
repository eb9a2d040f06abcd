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
import { type OpenedBody, probeArtifactStore, resumingRead } from "@tenon/core/remote";
import { Crc32c } from "./crc32c.js";
import { type GcsApi, openGcs, parseCredentials } from "./gcs-api.js";
import { GcsRefusal, gcsError, isBucketMissing, isTransient } from "./gcs-errors.js";
import type { GcsObject } from "./gcs-object.js";
import { writeObject } from "./gcs-write.js";

export interface GcsConfig {
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly credentials?: SecretReference | undefined;
  readonly endpoint?: string | undefined;
  readonly anonymous?: boolean | undefined;
}

export async function create({ config, resolveSecret }: ComponentContext<GcsConfig>): Promise<ArtifactStore> {
  const { credentials, prefix, ...options } = config;
  const key = credentials && parseCredentials(await resolveSecret(credentials));
  return new GcsArtifactStore(await openGcs({ ...options, credentials: key }), prefix);
}

interface Listed {
  readonly items?: readonly GcsObject[];
  readonly nextPageToken?: string;
}

const permissions = {
  list: "storage.objects.list",
  write: "storage.objects.create and storage.objects.delete",
  read: "storage.objects.get",
  delete: "storage.objects.delete",
};
/** No key begins with it. */
const isNoPrefix = /[\p{Cc}\p{Surrogate}]/u;
const notThere = 404;
const beyondTheEnd = 416;
const mostListed = 1000;

/** Objects of a bucket of Cloud Storage, named by their keys after the prefix. */
export class GcsArtifactStore implements ArtifactStore {
  readonly #api: GcsApi;
  readonly #prefix: string;

  constructor(api: GcsApi, prefix = "") {
    this.#api = api;
    this.#prefix = prefix === "" ? "" : `${prefix}/`;
  }

  async write(key: string, body: Body, { ifAbsent = false, signal }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    signal?.throwIfAborted();
    return this.#doing(`writing '${key}'`, permissions.write, () =>
      writeObject(this.#api, this.#prefix + key, body, { ifAbsent, signal }),
    );
  }

  async *read(key: string, { range, signal }: ReadOptions = {}): AsyncIterable<Uint8Array> {
    assertKey(key);
    signal?.throwIfAborted();
    const doing = `reading '${key}'`;
    const { start = 0, end } = range ?? {};
    if (end !== undefined && end <= start) {
      if (!(await this.stat(key, { ...(signal && { signal }) }))) throw this.#missing(key);
      return;
    }
    let expected: string | undefined;
    const checksum = new Crc32c();
    const open = async (skip: number, version: string | undefined): Promise<OpenedBody> => {
      const { status, headers, data } = await this.#api.ask<AsyncIterable<Uint8Array>>({
        url: this.#api.object(this.#prefix + key),
        query: { alt: "media", ...(version && { generation: version }) },
        headers: {
          "accept-encoding": "gzip",
          ...((start + skip > 0 || end !== undefined) && {
            range: `bytes=${start + skip}-${end === undefined ? "" : end - 1}`,
          }),
        },
        stream: true,
        wanted: [notThere, beyondTheEnd],
        timeoutMs: 0,
        signal,
      });
      if (status === beyondTheEnd) return { body: none(data), length: 0 };
      if (status === notThere) {
        const text = await textOf(data);
        const refusal = new GcsRefusal(status, text);
        if (isBucketMissing(refusal)) throw refusal;
        throw this.#missing(key, version !== undefined);
      }
      if (skip === 0 && !range) expected = /crc32c=([^,]+)/.exec(headers["x-goog-hash"] ?? "")?.[1];
      return { body: data, length: Number(headers["content-length"]), version: headers["x-goog-generation"] };
    };
    try {
      for await (const piece of resumingRead({ open, isTransient, signal })) {
        if (expected) checksum.update(piece);
        yield piece;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#coded(error, doing, permissions.read);
    }
    if (expected && checksum.toString() !== expected) {
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
    signal?.throwIfAborted();
    return this.#doing(`looking for '${key}'`, permissions.read, async () => {
      try {
        const url = this.#api.object(this.#prefix + key);
        const { data } = await this.#api.ask<GcsObject>({ url, query: { fields: "name,size" }, signal });
        return { key, size: Number(data.size) };
      } catch (error) {
        signal?.throwIfAborted();
        if (isObjectMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async list(prefix: string, { after, limit = mostListed, signal }: ListOptions = {}): Promise<ObjectPage> {
    signal?.throwIfAborted();
    if (isNoPrefix.test(prefix)) return { entries: [] };
    return this.#doing(`listing '${prefix}'`, permissions.list, async () => {
      const startOffset = after === undefined ? undefined : this.#prefix + after;
      const entries: ObjectEntry[] = [];
      let pageToken: string | undefined;
      // One more than asked for tells whether there is a next page; the service may give fewer than it is asked for.
      do {
        const { data } = await this.#api.ask<Listed>({
          url: this.#api.objects,
          query: {
            prefix: this.#prefix + prefix,
            startOffset,
            maxResults: Math.min(mostListed, limit + 2 - entries.length),
            fields: "items(name,size),nextPageToken",
            pageToken,
          },
          signal,
        });
        for (const { name, size } of data?.items ?? []) {
          const key = name.slice(this.#prefix.length);
          if (name !== startOffset && isKey(key)) entries.push({ key, size: Number(size) });
        }
        pageToken = data?.nextPageToken;
      } while (pageToken !== undefined && entries.length <= limit);
      if (entries.length <= limit) return { entries };
      const page = entries.slice(0, limit);
      return { entries: page, next: page.at(-1)?.key as string };
    });
  }

  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    signal?.throwIfAborted();
    await this.#doing(`deleting '${key}'`, permissions.delete, async () => {
      try {
        await this.#api.ask({ method: "DELETE", url: this.#api.object(this.#prefix + key), signal });
      } catch (error) {
        if (!isObjectMissing(error)) throw error;
      }
    });
  }

  probe(options: { signal?: AbortSignal } = {}): Promise<readonly ProbeFinding[]> {
    return probeArtifactStore(this, permissions, options);
  }

  uri(key: string): string {
    return `gs://${this.#api.bucket}/${this.#prefix}${key}`;
  }

  get #name(): string {
    return `the artifact store gcs (gs://${this.#api.bucket})`;
  }

  #missing(key: string, meanwhile = false): TenonError {
    return new TenonError("ARTIFACT_MISSING", {
      doing: `reading ${this.uri(key)}`,
      found: meanwhile ? "it was replaced or deleted meanwhile" : "there is no such object",
      fix: "Run the step that made it again.",
      details: { key },
    });
  }

  #coded(error: unknown, doing: string, permission: string): unknown {
    return gcsError(error, { doing: `${doing} in ${this.#name}`, permission });
  }

  async #doing<T>(doing: string, permission: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#coded(error, doing, permission);
    }
  }
}

/** Others may have put there what no key names: `folder/`. */
function isKey(name: string): boolean {
  try {
    assertKey(name);
    return true;
  } catch {
    return false;
  }
}

function isObjectMissing(error: unknown): boolean {
  return error instanceof GcsRefusal && error.status === notThere && !isBucketMissing(error);
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  let text = "";
  for await (const piece of stream) text += Buffer.from(piece).toString();
  return text.slice(0, 1000);
}

/** An answer whose body is not wanted; it has to be read for the connection to be used again. */
async function* none(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of stream) yield piece.subarray(0, 0);
}
