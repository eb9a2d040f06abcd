import { randomUUID } from "node:crypto";
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
  type WriteOptions,
} from "@tenon/core";
import { type BodyPart, bodyParts, PartBuffers, watchedBody } from "@tenon/core/remote";
import { type S3Conditions, tryConditions } from "./s3-conditions.js";
import type { S3Config } from "./s3-config.js";
import { S3Connection } from "./s3-connection.js";
import { type S3Doing, s3Error } from "./s3-errors.js";
import { isNoPrefix, rootOf } from "./s3-keys.js";
import { listPage } from "./s3-listing.js";
import { isMissing, readObject } from "./s3-reading.js";
import { putSpooled } from "./s3-spool.js";
import { putInParts, putWhole, type S3Write } from "./s3-upload.js";

/** After this many parts they grow, as there may be 10,000 at most. */
const evenParts = 5000;

export function create({ config, resolveSecret }: ComponentContext<S3Config>): ArtifactStore {
  const { credentials } = config;
  if (!credentials) return new S3ArtifactStore(new S3Connection(config));
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const keys = async () => ({
    accessKeyId: await resolveSecret(accessKeyId),
    secretAccessKey: await resolveSecret(secretAccessKey),
    ...(sessionToken && { sessionToken: await resolveSecret(sessionToken) }),
  });
  return new S3ArtifactStore(new S3Connection(config, keys));
}

/** Objects in a bucket of S3, or of a server that speaks its protocol, under their own keys. */
export class S3ArtifactStore implements ArtifactStore {
  readonly #connection: S3Connection;
  readonly #bucket: string;
  readonly #root: string;
  #conditions: Promise<S3Conditions> | undefined;
  #bucketIsThere = false;

  constructor(connection: S3Connection) {
    this.#connection = connection;
    this.#bucket = connection.config.bucket;
    this.#root = rootOf(connection.config.prefix);
  }

  async write(key: string, body: Body, { ifAbsent = false, signal }: WriteOptions = {}): Promise<boolean> {
    assertKey(key);
    const source = watchedBody(body);
    const write = async () => {
      // It spares the upload; the condition of the request itself decides.
      if (ifAbsent && (await this.#head(key, signal))) return false;
      const conditions = ifAbsent ? await this.#tried(key) : undefined;
      const { partSize } = this.#connection.config;
      const buffers = new PartBuffers();
      const partBytes = (number: number) => partSize * 2 ** Math.max(0, Math.ceil((number - evenParts) / 1000));
      const parts = bodyParts(source.body, { partBytes, signal, buffers });
      const target = { bucket: this.#bucket, key: this.#root + key, token: randomUUID(), ifAbsent, signal };
      try {
        return await this.#put(target, parts, buffers, conditions);
      } finally {
        await parts.return();
      }
    };
    return this.#doing(`writing '${this.uri(key)}'`, "s3:PutObject", signal, write, source.failedWith);
  }

  async *read(key: string, options: ReadOptions = {}): AsyncIterable<Uint8Array> {
    assertKey(key);
    options.signal?.throwIfAborted();
    const uri = this.uri(key);
    const object = { bucket: this.#bucket, key: this.#root + key, uri };
    try {
      yield* readObject(this.#connection, object, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw s3Error(error, this.#about(`reading '${uri}'`, "s3:GetObject"));
    }
  }

  async stat(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<ObjectEntry | undefined> {
    assertKey(key);
    const doing = `looking for '${this.uri(key)}'`;
    return this.#doing(doing, "s3:GetObject", signal, () => this.#head(key, signal));
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ObjectPage> {
    const { signal, after } = options;
    return this.#doing(`listing '${this.uri(prefix)}'`, "s3:ListBucket", signal, async () => {
      if (isNoPrefix(prefix)) return { entries: [] };
      // Half a surrogate pair cannot be sent; this is what it counts as elsewhere.
      const sent = after === undefined ? {} : { after: Buffer.from(after).toString() };
      return listPage(this.#connection, this.#root, prefix, { ...options, ...sent });
    });
  }

  async delete(key: string, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
    assertKey(key);
    await this.#doing(`deleting '${this.uri(key)}'`, "s3:DeleteObject", signal, async () => {
      const { sdk, client } = await this.#connection.open();
      const object = { Bucket: this.#bucket, Key: this.#root + key };
      await client.send(new sdk.DeleteObjectCommand(object), signal && { abortSignal: signal });
    });
  }

  uri(key: string): string {
    return `s3://${this.#bucket}/${this.#root}${key}`;
  }

  async probe({ signal }: { readonly signal?: AbortSignal } = {}): Promise<readonly ProbeFinding[]> {
    const { probeBucket } = await import("./s3-probe.js");
    return probeBucket(this.#connection, this.#root, (doing, permission) => this.#about(doing, permission), signal);
  }

  dispose(): Promise<void> {
    return this.#connection.dispose();
  }

  async #put(
    write: S3Write,
    parts: AsyncGenerator<BodyPart, void, undefined>,
    buffers: PartBuffers,
    conditions: S3Conditions | undefined,
  ): Promise<boolean> {
    const { value: first } = await parts.next();
    if (!first) throw new TypeError("a body has no part");
    if (first.last) return putWhole(this.#connection, write, first.bytes);
    const all = (async function* () {
      yield first;
      yield* parts;
    })();
    const put = conditions?.ofParts === false ? putSpooled : putInParts;
    return put(this.#connection, write, all, buffers);
  }

  async #head(key: string, signal: AbortSignal | undefined): Promise<ObjectEntry | undefined> {
    const { sdk, client } = await this.#connection.open();
    const options = signal && { abortSignal: signal };
    try {
      const object = { Bucket: this.#bucket, Key: this.#root + key };
      const { ContentLength: size = 0 } = await client.send(new sdk.HeadObjectCommand(object), options);
      return { key, size };
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    // The same answer is given where there is no bucket.
    if (!this.#bucketIsThere) {
      const page = { Bucket: this.#bucket, Prefix: `${this.#root}${key}`, MaxKeys: 1 };
      await client.send(new sdk.ListObjectsV2Command(page), options);
      this.#bucketIsThere = true;
    }
    return undefined;
  }

  /** Once for all writes. */
  #tried(key: string): Promise<S3Conditions> {
    const doing = `writing '${this.uri(key)}' only if nothing is there`;
    this.#conditions ??= tryConditions(this.#connection, this.#root, doing).catch((error) => {
      this.#conditions = undefined;
      throw error;
    });
    return this.#conditions;
  }

  async #doing<T>(
    doing: string,
    permission: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
    isForeign: (error: unknown) => boolean = () => false,
  ): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      throw isForeign(error) ? error : s3Error(error, this.#about(doing, permission));
    }
  }

  #about(doing: string, permission: string): S3Doing {
    const { endpoint } = this.#connection.config;
    return { doing: `${doing} in the artifact store s3`, permission, bucket: this.#bucket, endpoint };
  }
}
