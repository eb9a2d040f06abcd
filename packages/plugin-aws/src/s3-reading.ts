import { type ReadOptions, TenonError } from "@tenon/core";
import { type OpenedBody, remoteError, resumingRead } from "@tenon/core/remote";
import type { S3Connection } from "./s3-connection.js";
import { isNamed, isTransient, statusOf } from "./s3-errors.js";

export interface S3Object {
  readonly bucket: string;
  readonly key: string;
  /** For messages. */
  readonly uri: string;
}

/** The bytes of an object; rejects with what the SDK said, or with `ARTIFACT_MISSING`. */
export async function* readObject(
  connection: S3Connection,
  object: S3Object,
  { range, signal }: ReadOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = range?.start ?? 0;
  const end = range?.end;
  const empty = end !== undefined && end <= start;
  yield* resumingRead({
    signal,
    isTransient,
    retries: connection.config.attempts - 1,
    async open(skip, version) {
      try {
        if (empty) return await openNothing(connection, object, signal);
        return await open(connection, object, { start: start + skip, end, version, signal });
      } catch (error) {
        throw isMissing(error) ? missing(object) : error;
      }
    },
  });
}

interface Stretch {
  readonly start: number;
  readonly end: number | undefined;
  readonly version: string | undefined;
  readonly signal: AbortSignal | undefined;
}

async function open(
  connection: S3Connection,
  { bucket, key, uri }: S3Object,
  { start, end, version, signal }: Stretch,
): Promise<OpenedBody> {
  const { sdk, client } = await connection.open();
  const stop = new AbortController();
  const ranged = start > 0 || end !== undefined;
  try {
    const answer = await client.send(
      new sdk.GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(ranged && { Range: `bytes=${start}-${end === undefined ? "" : end - 1}` }),
        ...(version !== undefined && { IfMatch: version }),
      }),
      { abortSignal: signal ? AbortSignal.any([signal, stop.signal]) : stop.signal },
    );
    const body = answer.Body as unknown as import("node:stream").Readable;
    // Also after nobody reads it any more.
    body.on("error", () => undefined);
    return { body, length: answer.ContentLength ?? 0, version: answer.ETag, close: () => stop.abort() };
  } catch (error) {
    // It begins where the object has ended.
    if (statusOf(error) === 416) return { body: nothing(), length: 0 };
    if (statusOf(error) !== 412 || version === undefined) throw error;
    throw remoteError({
      fault: "unreachable",
      doing: `reading '${uri}'`,
      found: "the connection broke in the middle, and the object has been replaced since",
      fix: "Read it again.",
      cause: error,
    });
  }
}

async function openNothing(
  connection: S3Connection,
  { bucket, key }: S3Object,
  signal: AbortSignal | undefined,
): Promise<OpenedBody> {
  const { sdk, client } = await connection.open();
  await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key: key }), signal && { abortSignal: signal });
  return { body: nothing(), length: 0 };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The answer to a request for headers only does not say whether it is the bucket that is missing. */
export function isMissing(error: unknown): boolean {
  return isNamed(error, "NoSuchKey", "NotFound") && statusOf(error) === 404;
}

function missing({ uri, key }: S3Object): TenonError {
  return new TenonError("ARTIFACT_MISSING", {
    doing: `reading ${uri}`,
    found: "there is no such object",
    fix: "Run the step that made it again.",
    details: { key },
  });
}
