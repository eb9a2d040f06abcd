import { randomUUID } from "node:crypto";
import { TenonError } from "@tenon/core";
import type { S3Connection } from "./s3-connection.js";
import { statusOf } from "./s3-errors.js";

/** What a server makes of `If-None-Match: *`. */
export interface S3Conditions {
  /** Whether it heeds it at the end of an upload in parts. */
  readonly ofParts: boolean;
}

/** No key of a store ends like this one, so that no list shows it. */
export function probeKey(root: string): string {
  return `${root}tenon-probe-${randomUUID()}/`;
}

/**
 * Tries out whether the server heeds conditions: some ignore them, and would let a second writer replace what the first
 * one has written.
 *
 * @throws `STORE_UNSUITABLE` if it does not even for plain requests.
 */
export async function tryConditions(connection: S3Connection, root: string, doing: string): Promise<S3Conditions> {
  const { sdk, client } = await connection.open();
  const object = { Bucket: connection.config.bucket, Key: probeKey(root) };
  const put = () => client.send(new sdk.PutObjectCommand({ ...object, Body: new Uint8Array(), IfNoneMatch: "*" }));
  try {
    // The first may be refused already, if its answer was lost and it was sent again.
    const heeded = (await refused(put)) || (await refused(put));
    if (!heeded) {
      throw unsuitable(
        doing,
        "the server ignores the condition If-None-Match, so that writers could replace each other",
      );
    }
    return { ofParts: await refused(() => completeEmpty(connection, object)) };
  } catch (error) {
    if (statusOf(error) !== 501) throw error;
    throw unsuitable(doing, "the server does not implement the condition If-None-Match");
  } finally {
    await client.send(new sdk.DeleteObjectCommand(object)).catch(() => undefined);
  }
}

async function completeEmpty(connection: S3Connection, object: { Bucket: string; Key: string }): Promise<void> {
  const { sdk, client } = await connection.open();
  const begun = await client.send(new sdk.CreateMultipartUploadCommand(object));
  const upload = { ...object, UploadId: begun.UploadId };
  try {
    const part = { PartNumber: 1, Body: new Uint8Array([1]) };
    const { ETag } = await client.send(new sdk.UploadPartCommand({ ...upload, ...part }));
    const parts = { Parts: [{ PartNumber: 1, ETag }] };
    await client.send(new sdk.CompleteMultipartUploadCommand({ ...upload, MultipartUpload: parts, IfNoneMatch: "*" }));
  } catch (error) {
    await client.send(new sdk.AbortMultipartUploadCommand(upload)).catch(() => undefined);
    // It is refused outright: then parts are not used for conditional writes.
    if (statusOf(error) !== 501) throw error;
  }
}

/** Whether a request fails because of its condition. */
async function refused(request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return false;
  } catch (error) {
    const status = statusOf(error);
    if (status === 412 || status === 409) return true;
    throw error;
  }
}

function unsuitable(doing: string, found: string): TenonError {
  return new TenonError("STORE_UNSUITABLE", {
    doing,
    found,
    fix: "Use a server that implements conditional writes; some, such as Ceph, do so only in buckets that keep no versions.",
  });
}
