import { randomUUID } from "node:crypto";
import { type RadosGateway, radosGatewayMissing, startRadosGateway } from "@tenon-test/servers";
import { afterAll, beforeAll } from "vitest";
import { S3ArtifactStore } from "../s3-artifact-store.js";
import type { S3Config } from "../s3-config.js";
import { S3Connection } from "../s3-connection.js";

/** Why the tests that need a server are left out. */
export const missing = radosGatewayMissing();
if (missing !== undefined) console.warn(`Left out: ${missing}`);

export const bucket = "tenon-tests";
export const defaults = { partSize: 8 << 20, partsAtOnce: 4, attempts: 6, timeout: 60 } as const;

/** A gateway for the tests of one file, with a bucket. */
export function useGateway() {
  let gateway: RadosGateway | undefined;
  beforeAll(async () => {
    if (missing !== undefined) return;
    gateway = await startRadosGateway();
    await gateway.createBucket(bucket);
  });
  afterAll(() => gateway?.stop());
  const running = () => {
    if (!gateway) throw new Error("no gateway is running");
    return gateway;
  };
  const connect = (config: Partial<S3Config> = {}) => {
    const { endpoint, accessKey, secretKey } = running();
    const keys = async () => ({ accessKeyId: accessKey, secretAccessKey: secretKey });
    return new S3Connection({ ...defaults, bucket, endpoint, ...config }, keys);
  };
  return {
    running,
    connect,
    /** A store of its own below a prefix that nobody else has. */
    store(config: Partial<S3Config> = {}): S3ArtifactStore {
      return new S3ArtifactStore(connect({ prefix: `t/${randomUUID()}`, ...config }));
    },
    /** Uploads in parts that are not ended. */
    async unfinished(): Promise<number> {
      const connection = connect();
      const { sdk, client } = await connection.open();
      const { Uploads = [] } = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket }));
      await connection.dispose();
      return Uploads.length;
    },
  };
}

/** A body of so many bytes that differ from place to place, in pieces of 1 MiB. */
export async function* patterned(length: number): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc((1 << 20) + 3, "0123456789abcdefghijklmnopqrstuvwxyz-");
  for (let left = length; left > 0; left -= piece.length) yield piece.subarray(0, left);
}
