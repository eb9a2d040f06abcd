// Everything here runs against a fake of Cloud Storage, which the first test holds to Google's own client.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { Storage } from "@google-cloud/storage";
import { testArtifactStore } from "@tenon/core/testing";
import {
  collected,
  type Fault,
  type FaultProxy,
  type GcsFake,
  harmed,
  type ProxiedRequest,
  patterned,
  type RemoteStore,
  startGcsFake,
  streamLargeObject,
  testRemoteStoreFaults,
} from "@tenon-test/servers";
import { afterAll, beforeAll, test } from "vitest";
import { openGcs } from "./gcs-api.js";
import { create, GcsArtifactStore } from "./gcs-artifact-store.js";

let server: GcsFake;
beforeAll(async () => {
  server = await startGcsFake();
});
afterAll(() => server?.stop());

function freshBucket(): string {
  const bucket = `b-${randomUUID()}`;
  server.createBucket(bucket);
  return bucket;
}

async function open(bucket: string, { endpoint = server.endpoint, prefix = "", retries = 5 } = {}) {
  return new GcsArtifactStore(await openGcs({ bucket, endpoint, anonymous: true, retries }), prefix);
}

testArtifactStore({
  test,
  prefix: "gcs on a fake server",
  create: async () => {
    const bucket = freshBucket();
    return { store: await open(bucket), openAgain: () => open(bucket) };
  },
});

test("below a prefix nothing of its neighbours is seen or touched", async () => {
  const bucket = freshBucket();
  const all = await open(bucket);
  const neighbours = ["a", "team", "team/p", "team/pp/x", "team0/x", "zz"];
  for (const key of neighbours) await all.write(key, Buffer.from("other"));
  const store = await open(bucket, { prefix: "team/p" });
  assert.deepEqual(await store.list(""), { entries: [] });
  for (const key of ["a", "p/🐧", "ü."])
    assert.equal(await store.write(key, Buffer.from(key), { ifAbsent: true }), true);
  assert.deepEqual(
    (await store.list("", { after: "a" })).entries.map(({ key }) => key),
    ["p/🐧", "ü."],
  );
  for (const key of ["a", "ü.", "p/🐧"]) await store.delete(key);
  assert.deepEqual(
    (await all.list("")).entries.map(({ key }) => key),
    neighbours,
  );
});

test("the fake server satisfies Google's own client, its checks included", async () => {
  const bucket = new Storage({ apiEndpoint: server.endpoint, projectId: "none" }).bucket(freshBucket());
  const large = patterned(5 * 1024 * 1024 + 77);
  await bucket.file("simple ü+%#").save(Buffer.from("hello"), { resumable: false, validation: "crc32c" });
  await bucket.file("large").save(large, { resumable: true, chunkSize: 512 * 1024, validation: "crc32c" });
  assert.equal(String((await bucket.file("simple ü+%#").download())[0]), "hello");
  assert.ok((await bucket.file("large").download({ validation: "md5" }))[0].equals(large));
  assert.ok((await bucket.file("large").download({ start: 100, end: 299 }))[0].equals(large.subarray(100, 300)));
  const again = bucket.file("large").save(large, { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
  await assert.rejects(again, { code: 412 });
  for (let count = 0; count < 5; count += 1) await bucket.file(`n/${count}`).save("x", { resumable: false });
  const names: string[] = [];
  let query: object | null = { prefix: "n/", maxResults: 2, autoPaginate: false };
  while (query) {
    const [files, next]: [{ name: string }[], object | null, ...unknown[]] = await bucket.getFiles(query);
    names.push(...files.map(({ name }) => name));
    query = next;
  }
  assert.deepEqual(names, ["n/0", "n/1", "n/2", "n/3", "n/4"]);
  await bucket.file("large").delete();
  assert.deepEqual(await bucket.file("large").exists(), [false]);
});

const large = patterned(9 * 1024 * 1024);

const isChunk = ({ method, headers }: ProxiedRequest) =>
  method === "PUT" && !String(headers["content-range"]).startsWith("bytes */");
const isMedia = ({ url }: ProxiedRequest) => url.includes("alt=media");

const remote: RemoteStore<GcsArtifactStore> = {
  port: () => server.port,
  fresh: freshBucket,
  open: (bucket, proxy) => open(bucket, proxy ? { endpoint: proxy.endpoint } : {}),
  requests: {
    small: ({ url }) => url.includes("uploadType=multipart"),
    begin: ({ method, url }) => method === "POST" && url.includes("uploadType=resumable"),
    part: isChunk,
    commit: (request) => isChunk(request) && !String(request.headers["content-range"]).endsWith("/*"),
    read: isMedia,
  },
  watch: () => {
    const before = server.openUploads();
    return (requests) => {
      // A beginning whose answer never came cannot be taken back; of all others nothing stays.
      assert.equal(server.openUploads(), before);
      for (const { headers } of requests.filter(({ method }) => method === "PUT" || method === "POST"))
        assert.ok(headers["content-length"] !== undefined && headers["transfer-encoding"] === undefined);
    };
  },
};
testRemoteStoreFaults(test, remote);

const impatient = {
  ...remote,
  open: (bucket: string, proxy?: FaultProxy) => open(bucket, proxy ? { endpoint: proxy.endpoint, retries: 1 } : {}),
};

test("bytes that were changed in the service are not handed out as whole", async () => {
  const bucket = freshBucket();
  const store = await open(bucket);
  await store.write("key", patterned(100_000));
  server.damage(bucket, "key");
  await assert.rejects(collected(store.read("key")), { code: "ARTIFACT_CORRUPT" });
});

const google = (status: number, reason: string, message: string): Fault => ({
  answer: {
    status,
    body: JSON.stringify({ error: { code: status, message, errors: [{ message, domain: "global", reason }] } }),
  },
});
const refusals: Record<string, readonly [Fault, string, RegExp]> = {
  "no permission": [
    google(403, "forbidden", "a@b.test does not have storage.objects.create access."),
    "STORE_DENIED",
    /storage\.objects\./,
  ],
  "credentials that are not taken": [
    google(401, "authError", "Invalid Credentials"),
    "STORE_SIGN_IN_FAILED",
    /credentials/,
  ],
  "an expired token": [
    google(401, "authError", "The access token has expired"),
    "STORE_SIGN_IN_FAILED",
    /Sign in again/,
  ],
  "billing that is off": [
    google(403, "accountDisabled", "The billing account is disabled."),
    "STORE_DENIED",
    /billing/,
  ],
  "a quota that is used up": [google(403, "quotaExceeded", "The quota has been exceeded."), "STORE_FULL", /quota/],
  "a retention policy": [
    google(403, "retentionPolicyNotMet", "Object is subject to bucket's retention policy"),
    "STORE_READ_ONLY",
    /retention/,
  ],
  "a server that is down for long": [google(503, "backendError", "Backend Error"), "STORE_UNAVAILABLE", /503/],
  "too many requests for long": [google(429, "rateLimitExceeded", "Slow down"), "STORE_UNAVAILABLE", /fewer steps/],
  "a page for people instead of an answer": [
    { answer: { status: 200, body: "<html>sign in</html>" } },
    "STORE_UNSUITABLE",
    /endpoint/,
  ],
};
for (const [name, [fault, code, advice]] of Object.entries(refusals)) {
  test(`${name} gets a coded error that names the store and what to do`, () =>
    harmed(
      impatient,
      () => fault,
      async (store, _, __, bucket) => {
        const all = [
          () => store.write("key", Buffer.from("x")),
          () => store.stat("key"),
          () => store.list(""),
          () => store.delete("key"),
        ];
        for (const operation of all) {
          const error = await operation().then(
            () => assert.fail("it succeeds"),
            (reason) => reason,
          );
          assert.equal(error.code, code, String(error));
          assert.match(error.message, advice);
          assert.ok(error.message.includes(`gs://${bucket}`), error.message);
        }
      },
    ));
}

test("a bucket that does not exist is told from an object that does not", async () => {
  const store = await open("not-there");
  await assert.rejects(store.write("a", Buffer.from("x")), { code: "STORE_MISSING" });
  await assert.rejects(store.write("a", large), { code: "STORE_MISSING" });
  await assert.rejects(store.list(""), { code: "STORE_MISSING" });
  await assert.rejects(store.stat("a"), { code: "STORE_MISSING" });
  await assert.rejects(store.delete("a"), { code: "STORE_MISSING" });
});

test("a server that is not there, and a host that is none, are said to be", async () => {
  const options = { retries: 1 };
  const gone = await startGcsFake();
  await gone.stop();
  const closed = await open("bucket", { endpoint: gone.endpoint, ...options });
  await assert.rejects(closed.stat("a"), { code: "STORE_UNAVAILABLE" });
  const unknown = await open("bucket", { endpoint: "http://nowhere.invalid", ...options });
  await assert.rejects(unknown.write("a", Buffer.from("x")), { code: "STORE_UNAVAILABLE" });
});

test("a probe says what can be done, and leaves nothing", async () => {
  const store = await open(freshBucket());
  const findings = await store.probe();
  assert.deepEqual(
    findings.filter(({ error }) => error),
    [],
  );
  assert.equal(findings.length, 5);
  assert.deepEqual(await store.list(""), { entries: [] });
  const [missing] = await (await open("not-there")).probe();
  assert.equal((missing?.error as { code?: unknown } | undefined)?.code, "STORE_MISSING");
});

test("a secret that is no key is refused without being shown", async () => {
  const config = { bucket: "bucket", credentials: { kind: "secret", source: "env", name: "KEY" } as const };
  const context = { config, resolveSecret: async () => "s3cr3t" } as unknown as Parameters<typeof create>[0];
  const error = await create(context).then(
    () => assert.fail("it succeeds"),
    (reason) => reason,
  );
  assert.equal(error.code, "STORE_SIGN_IN_FAILED");
  assert.ok(!JSON.stringify([error.message, error.stack, error.details]).includes("s3cr3t"));
});

test("a key that nothing can be signed with is refused without being shown", async () => {
  const key = JSON.stringify({ type: "service_account", client_email: "a@b.test", private_key: "s3cr3t" });
  const config = {
    bucket: freshBucket(),
    endpoint: server.endpoint,
    credentials: { kind: "secret", source: "env", name: "KEY" } as const,
  };
  const store = await create({ config, resolveSecret: async () => key } as unknown as Parameters<typeof create>[0]);
  const error = await store.stat("a").then(
    () => assert.fail("it succeeds"),
    (reason) => reason,
  );
  assert.equal(error.code, "STORE_SIGN_IN_FAILED", error.stack);
  assert.ok(
    !JSON.stringify([error.message, error.stack, error.details, error.cause, error.cause?.stack]).includes("s3cr3t"),
  );
});

test("a large object goes both ways in less than 200 MB of memory", { timeout: 600_000 }, async () => {
  const { sent, read, peak } = await streamLargeObject({
    plugin: new URL("../dist/index.js", import.meta.url),
    flavor: "gcs",
    config: { bucket: freshBucket(), endpoint: server.endpoint, anonymous: true },
  });
  assert.equal(read, sent);
  assert.ok(peak < 200e6, `${(peak / 1e6).toFixed(0)} MB`);
});
