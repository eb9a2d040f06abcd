// S3 as the benchmark of artifact stores sees it: how to start a server, and two clients that do the same.
import { createRequire } from "node:module";

const plugin = createRequire(new URL("../../packages/plugin-aws/package.json", import.meta.url));
const partSize = 8 << 20;

export async function startServer(servers) {
  const missing = servers.radosGatewayMissing();
  if (missing !== undefined) return { missing };
  const { endpoint, accessKey, secretKey, stop } = await servers.startRadosGateway();
  const config = {
    endpoint,
    bucket: "tenon-bench",
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  };
  const { CreateBucketCommand } = plugin("@aws-sdk/client-s3");
  const client = bareClient(config);
  await client.send(new CreateBucketCommand({ Bucket: config.bucket }));
  client.destroy();
  return { config, stop };
}

function bareClient({ endpoint, credentials }) {
  const { S3Client } = plugin("@aws-sdk/client-s3");
  return new S3Client({
    endpoint,
    credentials,
    region: "us-east-1",
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    requestHandler: { httpAgent: { maxSockets: 64, keepAlive: true } },
  });
}

/** What one writes by hand with the SDK: its own uploader for streams, one request for small objects. */
export async function bare(config) {
  const { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } = plugin("@aws-sdk/client-s3");
  const { Upload } = plugin("@aws-sdk/lib-storage");
  const { Readable } = await import("node:stream");
  const client = bareClient(config);
  const at = (Key) => ({ Bucket: config.bucket, Key });
  return {
    writeStream: (key, body) =>
      new Upload({ client, params: { ...at(key), Body: Readable.from(body) }, queueSize: 4, partSize }).done(),
    write: (key, bytes) => client.send(new PutObjectCommand({ ...at(key), Body: bytes })),
    read: async (key) => (await client.send(new GetObjectCommand(at(key)))).Body,
    delete: (key) => client.send(new DeleteObjectCommand(at(key))),
    close: () => client.destroy(),
  };
}

export async function tenon({ credentials, ...config }) {
  const { s3 } = await import("../../packages/plugin-aws/dist/index.js");
  const { create } = await s3.load();
  process.env.AWS_ACCESS_KEY_ID = credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = credentials.secretAccessKey;
  const store = await create({ config: { ...config, partSize, partsAtOnce: 4, attempts: 6, timeout: 60 } });
  return {
    writeStream: (key, body) => store.write(key, body),
    write: (key, bytes) => store.write(key, bytes),
    read: async (key) => store.read(key),
    delete: (key) => store.delete(key),
    close: () => store.dispose(),
  };
}
