import type { CompletedPart } from "@aws-sdk/client-s3";
import { type BodyPart, backoff, committing, type PartBuffers, uploadParts } from "@tenon/core/remote";
import type { S3Connection } from "./s3-connection.js";
import { isNamed, statusOf } from "./s3-errors.js";

/** Under this key of an object's own metadata stands which write it came from. */
export const tokenName = "tenon-write";
const conflictRetries = 5;
const refusalRetries = 2;

export interface S3Write {
  readonly bucket: string;
  readonly key: string;
  /** Different for each write: tells whether an object is this one's. */
  readonly token: string;
  readonly ifAbsent: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Who wrote the object that is there: this write, or another one; undefined if there is none. */
export async function writerOf(connection: S3Connection, write: S3Write): Promise<"this" | "other" | undefined> {
  const { sdk, client } = await connection.open();
  try {
    const head = await client.send(new sdk.HeadObjectCommand({ Bucket: write.bucket, Key: write.key }));
    return head.Metadata?.[tokenName] === write.token ? "this" : "other";
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/**
 * Makes a conditional request that stores the whole object, and finds out whether it did: an answer may have been lost
 * and the request been made again, and some servers refuse the slower of two at once and ask to try again.
 */
export async function conditionally(
  connection: S3Connection,
  write: S3Write,
  request: () => Promise<unknown>,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await request();
      return true;
    } catch (error) {
      const status = statusOf(error);
      const conflict = status === 409 && write.ifAbsent;
      const refused = status === 412 && write.ifAbsent;
      if (!conflict && !refused && !isNamed(error, "NoSuchUpload")) throw error;
      const writer = await writerOf(connection, write);
      if (writer === "this") return true;
      if (writer === "other" && write.ifAbsent) return false;
      // Refused, and nothing is there: it was deleted meanwhile, or the server takes a deletion's marker for an object.
      if (!(conflict || refused) || attempt > (conflict ? conflictRetries : refusalRetries)) throw error;
      await backoff(attempt, { signal: write.signal });
    }
  }
}

/** Stores an object in one request. */
export async function putWhole(connection: S3Connection, write: S3Write, bytes: Uint8Array): Promise<boolean> {
  const { sdk, client } = await connection.open();
  const { bucket, key, token, ifAbsent, signal } = write;
  return committing(signal, (abortSignal) =>
    conditionally(connection, write, () =>
      client.send(
        new sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: bytes,
          ContentLength: bytes.length,
          ContentType: "application/octet-stream",
          ...(ifAbsent && { IfNoneMatch: "*", Metadata: { [tokenName]: token } }),
        }),
        { abortSignal },
      ),
    ),
  );
}

/** Stores an object in parts, several at once; a write that fails or is cancelled leaves no part. */
export async function putInParts(
  connection: S3Connection,
  write: S3Write,
  parts: AsyncIterable<BodyPart>,
  buffers: PartBuffers,
): Promise<boolean> {
  const { sdk, client } = await connection.open();
  const { bucket, key, token, ifAbsent, signal } = write;
  const checksum = connection.config.endpoint === undefined ? ("CRC32" as const) : undefined;
  const object = { Bucket: bucket, Key: key };
  // Without the signal: what an unanswered request has begun could not be ended.
  const begun = await client.send(
    new sdk.CreateMultipartUploadCommand({
      ...object,
      ContentType: "application/octet-stream",
      Metadata: { [tokenName]: token },
      ...(checksum && { ChecksumAlgorithm: checksum }),
    }),
  );
  const upload = { ...object, UploadId: begun.UploadId };
  try {
    const sent = await uploadParts<CompletedPart>(parts, {
      atOnce: connection.config.partsAtOnce,
      signal,
      async send({ number, bytes }, abortSignal) {
        const part = { PartNumber: number, Body: bytes, ContentLength: bytes.length };
        const answer = await client.send(
          new sdk.UploadPartCommand({ ...upload, ...part, ...(checksum && { ChecksumAlgorithm: checksum }) }),
          { abortSignal },
        );
        buffers.give(bytes);
        return {
          PartNumber: number,
          ETag: answer.ETag,
          ...(answer.ChecksumCRC32 !== undefined && { ChecksumCRC32: answer.ChecksumCRC32 }),
        };
      },
    });
    const stored = await committing(signal, (abortSignal) =>
      conditionally(connection, write, () =>
        client.send(
          new sdk.CompleteMultipartUploadCommand({
            ...upload,
            MultipartUpload: { Parts: sent },
            ...(ifAbsent && { IfNoneMatch: "*" }),
          }),
          { abortSignal },
        ),
      ),
    );
    if (!stored) await abandon(connection, upload).catch(() => undefined);
    return stored;
  } catch (error) {
    // What went wrong first is what to report.
    await abandon(connection, upload).catch(() => undefined);
    throw error;
  }
}

/** A part that was on its way while the upload was ended can stay behind: it is ended until nothing is left of it. */
async function abandon(
  connection: S3Connection,
  upload: { Bucket: string; Key: string; UploadId: string | undefined },
): Promise<void> {
  const { sdk, client } = await connection.open();
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      await client.send(new sdk.AbortMultipartUploadCommand(upload));
      await client.send(new sdk.ListPartsCommand({ ...upload, MaxParts: 1 }));
    } catch (error) {
      // Gone, or not to be looked at.
      if (statusOf(error) === 404 || statusOf(error) === 403) return;
      throw error;
    }
    await backoff(attempt);
  }
}
