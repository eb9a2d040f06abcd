import { createHash, randomUUID } from "node:crypto";
import type { BlockBlobClient } from "@azure/storage-blob";
import type { Body } from "@tenon/core";
import { type BodyPart, bodyParts, committing, PartBuffers, retrying, uploadParts } from "@tenon/core/remote";
import { codeOf, isTransient, statusOf } from "./blob-errors.js";

const mebibyte = 1 << 20;
/** 50,000 blocks are allowed: this is enough for 4 TiB, and what is shorter than the first goes in one request. */
const blockBytes = (number: number) => (number <= 1000 ? 8 : number <= 10_000 ? 32 : 100) * mebibyte;
const atOnce = 4;
/** Says whose blob it is, so that a writer knows its own again after an answer was lost. */
const writerField = "tenonwriter";

export interface WriteBlobOptions {
  readonly ifAbsent: boolean;
  readonly retries: number;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves to false if `ifAbsent` was asked for and the name is taken. */
export async function writeBlob(blob: BlockBlobClient, body: Body, options: WriteBlobOptions): Promise<boolean> {
  const buffers = new PartBuffers();
  const parts = bodyParts(body, { partBytes: blockBytes, signal: options.signal, buffers });
  try {
    const first = await parts.next();
    if (first.done) throw new Error("a body has no part");
    if (first.value.last) return await writeAtOnce(blob, first.value.bytes, options);
    return await writeInBlocks(blob, continued(first.value, parts), buffers, options);
  } finally {
    void parts.return().catch(() => undefined);
  }
}

async function writeAtOnce(blob: BlockBlobClient, bytes: Uint8Array, options: WriteBlobOptions): Promise<boolean> {
  const { ifAbsent, retries, signal } = options;
  const writer = randomUUID();
  const blobContentMD5 = md5(bytes);
  return retrying(
    async (triedBefore) => {
      try {
        await committing(signal, (abortSignal) =>
          blob.upload(viewOf(bytes), bytes.length, {
            abortSignal,
            metadata: { [writerField]: writer },
            blobHTTPHeaders: { blobContentType: "application/octet-stream", blobContentMD5 },
            ...(ifAbsent && { conditions: { ifNoneMatch: "*" } }),
          }),
        );
        return true;
      } catch (error) {
        if (ifAbsent && isTaken(error)) return triedBefore > 0 && (await writerOf(blob, options)) === writer;
        throw error;
      }
    },
    { isTransient, retries, signal },
  );
}

async function writeInBlocks(
  blob: BlockBlobClient,
  parts: AsyncIterable<BodyPart>,
  buffers: PartBuffers,
  options: WriteBlobOptions,
): Promise<boolean> {
  const { ifAbsent, retries, signal } = options;
  const writer = randomUUID();
  const found = await versionOf(blob, options);
  if (ifAbsent && found !== undefined) return false;
  const blocks = await uploadParts(parts, {
    atOnce,
    signal,
    async send({ number, bytes }, abortSignal) {
      const id = Buffer.from(`${writer}-${String(number).padStart(6, "0")}`).toString("base64");
      const transactionalContentMD5 = md5(bytes);
      const stage = () => blob.stageBlock(id, viewOf(bytes), bytes.length, { abortSignal, transactionalContentMD5 });
      await retrying(stage, { isTransient, retries, signal: abortSignal });
      buffers.give(bytes);
      return id;
    },
  });
  const commit = async (triedBefore: number): Promise<boolean> => {
    try {
      await committing(signal, (abortSignal) =>
        blob.commitBlockList(blocks, {
          abortSignal,
          metadata: { [writerField]: writer },
          blobHTTPHeaders: { blobContentType: "application/octet-stream" },
          ...(ifAbsent && { conditions: { ifNoneMatch: "*" } }),
        }),
      );
      return true;
    } catch (error) {
      if (ifAbsent && isTaken(error)) return triedBefore > 0 && (await writerOf(blob, options)) === writer;
      if (codeOf(error) !== "InvalidBlockList") throw error;
      // A write or delete of somebody else that was completed meanwhile takes the blocks of all others with it.
      const now = await versionOf(blob, options);
      if (now === found) throw error;
      // It is as if this one had been completed just before that: there for nobody to see, except to the condition.
      return !ifAbsent;
    }
  };
  return retrying(commit, { isTransient, retries, signal });
}

async function* continued(first: BodyPart, rest: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart> {
  yield first;
  yield* rest;
}

function isTaken(error: unknown): boolean {
  return statusOf(error) === 412 || (statusOf(error) === 409 && codeOf(error) === "BlobAlreadyExists");
}

async function propertiesOf(blob: BlockBlobClient, { retries, signal }: WriteBlobOptions) {
  try {
    const ask = () => blob.getProperties(signal ? { abortSignal: signal } : {});
    return await retrying(ask, { isTransient, retries, signal });
  } catch (error) {
    if (statusOf(error) === 404 && codeOf(error) !== "ContainerNotFound") return undefined;
    throw error;
  }
}

async function versionOf(blob: BlockBlobClient, options: WriteBlobOptions): Promise<string | undefined> {
  return (await propertiesOf(blob, options))?.etag;
}

async function writerOf(blob: BlockBlobClient, options: WriteBlobOptions): Promise<string | undefined> {
  return (await propertiesOf(blob, options))?.metadata?.[writerField];
}

function md5(bytes: Uint8Array): Uint8Array {
  return createHash("md5").update(bytes).digest();
}

function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
