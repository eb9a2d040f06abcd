import { compareKeys, type ListOptions, type ObjectEntry, type ObjectPage, TenonError } from "@tenon/core";
import type { S3Connection } from "./s3-connection.js";
import { isKey } from "./s3-keys.js";

const mostKeys = 1000;

/** One page of the keys below `root`, without what is no key of a store: what others have put there. */
export async function listPage(
  connection: S3Connection,
  root: string,
  prefix: string,
  { after, limit = mostKeys, signal }: ListOptions,
): Promise<ObjectPage> {
  const { sdk, client } = await connection.open();
  const entries: ObjectEntry[] = [];
  let last = after;
  for (;;) {
    const page = await client.send(
      new sdk.ListObjectsV2Command({
        Bucket: connection.config.bucket,
        Prefix: root + prefix,
        MaxKeys: Math.min(limit - entries.length, mostKeys),
        // Keys may hold what XML cannot.
        EncodingType: "url",
        ...(last !== undefined && { StartAfter: root + last }),
      }),
      signal && { abortSignal: signal },
    );
    const encoded = page.EncodingType === "url";
    for (const { Key = "", Size: size = 0 } of page.Contents ?? []) {
      const key = (encoded ? decoded(Key) : Key).slice(root.length);
      if (last !== undefined && compareKeys(key, last) <= 0) throw disordered(last, key);
      last = key;
      if (isKey(key)) entries.push({ key, size });
    }
    if (!page.IsTruncated || page.Contents === undefined || last === undefined) return { entries };
    if (entries.length >= limit) return { entries, next: last };
  }
}

/** A space comes as `+` from some servers and as `%20` from others; a plus is encoded by all. */
function decoded(key: string): string {
  return decodeURIComponent(key.replaceAll("+", " "));
}

function disordered(previous: string, key: string): TenonError {
  return new TenonError("STORE_UNSUITABLE", {
    doing: "listing the objects of an S3 bucket",
    found: `the server put '${key}' after '${previous}', which is not the order of their bytes`,
    fix: "Use a general purpose bucket; directory buckets list their objects in no order.",
  });
}
