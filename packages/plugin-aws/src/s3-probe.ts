import { randomUUID } from "node:crypto";
import type { ProbeFinding } from "@tenon/core";
import { probeKey, tryConditions } from "./s3-conditions.js";
import type { S3Connection } from "./s3-connection.js";
import { type S3Doing, s3Error, statusOf } from "./s3-errors.js";

type About = (doing: string, permission: string) => S3Doing;
const oldUpload = 24 * 3600 * 1000;

/** Tries what a store does with its bucket, one permission after the other, and looks at settings that get in its way. */
export async function probeBucket(
  connection: S3Connection,
  root: string,
  about: About,
  signal: AbortSignal | undefined,
): Promise<readonly ProbeFinding[]> {
  const { sdk, client } = await connection.open();
  const { bucket } = connection.config;
  const options = signal && { abortSignal: signal };
  const object = { Bucket: bucket, Key: probeKey(root) };
  const token = randomUUID();
  const findings: ProbeFinding[] = [];
  const attempt = async (tried: string, permission: string, work: () => Promise<string | undefined>) => {
    signal?.throwIfAborted();
    try {
      const note = await work();
      findings.push({ tried, permission, ...(note !== undefined && { note }) });
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      findings.push({ tried, permission, error: s3Error(error, about(tried, permission)) as Error });
      return false;
    }
  };
  const isThere = await attempt(`listing the bucket '${bucket}'`, "s3:ListBucket", async () => {
    await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: root, MaxKeys: 1 }), options);
    return undefined;
  });
  // Where nothing answers, or nobody is let in, each further try would say the same.
  const { error } = findings[0] ?? {};
  if (!isThere && statusOf((error as Error | undefined)?.cause) === undefined && !isDenied(error)) return findings;
  const written = await attempt("writing an object", "s3:PutObject", async () => {
    await client.send(new sdk.PutObjectCommand({ ...object, Body: new Uint8Array(), Metadata: { token } }), options);
    return undefined;
  });
  if (written) {
    await attempt("reading it back", "s3:GetObject", async () => {
      const answer = await client.send(new sdk.GetObjectCommand(object), options);
      await answer.Body?.transformToByteArray();
      if (answer.Metadata?.token !== token) throw new Error("another object came back than was written");
      return undefined;
    });
    await attempt("deleting it", "s3:DeleteObject", async () => {
      await client.send(new sdk.DeleteObjectCommand(object), options);
      return undefined;
    });
    await attempt("writing only where nothing is", "s3:PutObject", async () => {
      const { ofParts } = await tryConditions(connection, root, "writing only where nothing is");
      if (ofParts) return undefined;
      return "The server ignores conditions of uploads in parts: such writes of large objects go by way of a file.";
    });
    await attempt("looking for uploads that were broken off", "s3:ListBucketMultipartUploads", () =>
      unfinished(connection, root),
    );
  }
  const versioning = await versioningNote(connection);
  if (versioning !== undefined) findings.push({ tried: "looking at the bucket's versioning", note: versioning });
  return findings;
}

function isDenied(error: Error | undefined): boolean {
  return (error as { code?: unknown } | undefined)?.code === "STORE_DENIED";
}

async function unfinished(connection: S3Connection, root: string): Promise<string | undefined> {
  const { sdk, client } = await connection.open();
  const { bucket } = connection.config;
  const { Uploads: uploads = [] } = await client.send(
    new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: root, MaxUploads: 1000 }),
  );
  const old = uploads.filter(
    ({ Initiated }) => Initiated !== undefined && Date.now() - Initiated.getTime() > oldUpload,
  );
  if (old.length === 0) return undefined;
  return `${old.length} uploads were broken off more than a day ago and still cost space: add a lifecycle rule AbortIncompleteMultipartUpload to the bucket '${bucket}'.`;
}

/** Undefined also if it may not be looked at. */
async function versioningNote(connection: S3Connection): Promise<string | undefined> {
  const { sdk, client } = await connection.open();
  const { bucket } = connection.config;
  try {
    const { Status: status } = await client.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }));
    if (status !== "Enabled") return undefined;
    return `The bucket '${bucket}' keeps old versions: what is deleted costs space until a lifecycle rule NoncurrentVersionExpiration removes it.`;
  } catch {
    return undefined;
  }
}
