import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TenonError } from "@tenon/core";
import { type BodyPart, backoff, committing, type PartBuffers } from "@tenon/core/remote";
import type { S3Connection } from "./s3-connection.js";
import { isTransient } from "./s3-errors.js";
import { conditionally, type S3Write, tokenName } from "./s3-upload.js";

/** The most that one request may bring. */
const mostBytes = 5 * 1024 ** 3;

/**
 * Stores an object of any length up to 5 GiB under a condition in one request, by way of a file: for servers that check
 * the condition of a plain request, but ignore it at the end of an upload in parts.
 */
export async function putSpooled(
  connection: S3Connection,
  write: S3Write,
  parts: AsyncIterable<BodyPart>,
  buffers: PartBuffers,
): Promise<boolean> {
  const path = join(tmpdir(), `tenon-s3-${randomUUID()}`);
  try {
    const { size, md5 } = await spool(path, parts, buffers);
    if (size > mostBytes) {
      throw new TenonError("STORE_UNSUITABLE", {
        doing: `writing ${size} bytes to '${write.key}' only if nothing is there`,
        found: "this server ignores the condition of uploads in parts, and one request brings 5 GiB at most",
        fix: "Use a server that implements If-None-Match for CompleteMultipartUpload.",
      });
    }
    return await committing(write.signal, (signal) =>
      conditionally(connection, write, () => putFile(connection, write, { path, size, md5, signal })),
    );
  } finally {
    await rm(path, { force: true });
  }
}

async function spool(path: string, parts: AsyncIterable<BodyPart>, buffers: PartBuffers) {
  const digest = createHash("md5");
  let size = 0;
  const file = await open(path, "wx", 0o600);
  try {
    for await (const { bytes } of parts) {
      digest.update(bytes);
      await file.writeFile(bytes);
      size += bytes.length;
      buffers.give(bytes);
    }
  } finally {
    await file.close();
  }
  return { size, md5: digest.digest("base64") };
}

/** The SDK does not send a stream a second time, so that is done here. */
async function putFile(
  connection: S3Connection,
  { bucket, key, token }: S3Write,
  file: { path: string; size: number; md5: string; signal: AbortSignal },
): Promise<void> {
  const { sdk, client } = await connection.open();
  for (let attempt = 1; ; attempt += 1) {
    const stream = createReadStream(file.path, { highWaterMark: 1 << 20 });
    try {
      await client.send(
        new sdk.PutObjectCommand({
          Bucket: bucket,
          Key: key,
          Body: stream,
          ContentLength: file.size,
          ContentMD5: file.md5,
          ContentType: "application/octet-stream",
          IfNoneMatch: "*",
          Metadata: { [tokenName]: token },
        }),
        { abortSignal: file.signal },
      );
      return;
    } catch (error) {
      if (!isTransient(error) || attempt >= connection.config.attempts) throw error;
      await backoff(attempt, { signal: file.signal });
    } finally {
      stream.destroy();
    }
  }
}
