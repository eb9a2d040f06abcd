import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { collected, streamLargeObject } from "@tenon-test/servers";
import { describe, test, vi } from "vitest";
import { S3ArtifactStore } from "./s3-artifact-store.js";
import { bucket, missing, patterned, useGateway } from "./testing/gateway.js";

const mebibyte = 1 << 20;

describe.skipIf(missing !== undefined)("objects in a bucket", () => {
  const gateway = useGateway();

  test("objects have the names of their keys below the prefix, and uri says where", async () => {
    const store = gateway.store({ prefix: "/team/ml/" });
    await store.write("penguins +%#/üñ 🐧", Buffer.from("x"));
    assert.equal(store.uri("a/b"), `s3://${bucket}/team/ml/a/b`);
    const { sdk, client } = await gateway.connect().open();
    const page = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: "team/ml/" }));
    assert.deepEqual(
      page.Contents?.map(({ Key }) => Key),
      ["team/ml/penguins +%#/üñ 🐧"],
    );
  });

  test("stores with other prefixes in one bucket know nothing of each other", async () => {
    const [one, other] = [gateway.store({ prefix: "shared/a" }), gateway.store({ prefix: "shared/ab" })];
    await one.write("key", Buffer.from("1"));
    await other.write("key", Buffer.from("2"));
    assert.deepEqual((await one.list("")).entries, [{ key: "key", size: 1 }]);
    await one.delete("key");
    assert.equal(String(await collected(other.read("key"))), "2");
  });

  test("what others have put there under names that are no keys is not listed", async () => {
    const store = gateway.store({ prefix: "mixed" });
    const { sdk, client } = await gateway.connect().open();
    for (const Key of ["mixed/folder/", "mixed//b", "mixed/../c"]) {
      await client.send(new sdk.PutObjectCommand({ Bucket: bucket, Key, Body: "" }));
    }
    await store.write("a", Buffer.from("x"));
    assert.deepEqual(await store.list(""), { entries: [{ key: "a", size: 1 }] });
  });

  test("of concurrent conditional writers of large bodies exactly one succeeds, and no file or upload is left", async () => {
    const temporary = await mkdtemp(join(tmpdir(), "tenon-test-"));
    vi.stubEnv("TMPDIR", temporary);
    const [one, other] = [gateway.store({ prefix: "race" }), gateway.store({ prefix: "race" })];
    const lengths = [9, 10, 11, 12, 13].map((length) => length * mebibyte);
    const won = await Promise.all(
      lengths.map((length, index) => {
        const store = index % 2 === 0 ? one : other;
        return store.write("key", patterned(length), { ifAbsent: true });
      }),
    );
    assert.equal(won.filter(Boolean).length, 1);
    assert.equal((await one.stat("key"))?.size, lengths[won.indexOf(true)]);
    assert.equal(await gateway.unfinished(), 0);
    assert.deepEqual(await readdir(temporary), []);
    vi.unstubAllEnvs();
    await rm(temporary, { recursive: true });
  });

  test("a large conditional write never replaces what was written while its body came", async () => {
    const store = gateway.store();
    async function* body() {
      yield* patterned(9 * mebibyte);
      await store.write("key", Buffer.from("old"));
      yield* patterned(2 * mebibyte);
    }
    assert.equal(await store.write("key", body(), { ifAbsent: true }), false);
    assert.equal(String(await collected(store.read("key"))), "old");
  });

  test("what a body fails with is handed on as it is, and its upload is ended", async () => {
    const own = Object.assign(new Error("the source has failed"), { code: "ECONNRESET" });
    async function* failing() {
      yield* patterned(20 * mebibyte);
      throw own;
    }
    const error = await gateway
      .store()
      .write("key", failing())
      .catch((reason) => reason);
    assert.equal(error, own);
    assert.equal(await gateway.unfinished(), 0);
  });

  test("a store that was disposed of opens again when it is used", async () => {
    const store = gateway.store();
    await store.write("key", Buffer.from("x"));
    await store.dispose();
    assert.equal((await store.stat("key"))?.size, 1);
    await store.dispose();
  });

  test("a large object goes both ways in less than 200 MB of memory", { timeout: 600_000 }, async () => {
    const { endpoint, accessKey, secretKey } = gateway.running();
    const { sent, read, peak } = await streamLargeObject({
      plugin: new URL("../dist/index.js", import.meta.url),
      flavor: "s3",
      config: { bucket, endpoint, prefix: "large", partSize: 8 * mebibyte, partsAtOnce: 4, attempts: 6, timeout: 60 },
      env: { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey },
    });
    assert.equal(read, sent);
    assert.ok(peak < 200e6, `${(peak / 1e6).toFixed(0)} MB`);
  });
});

test("making a store asks for nothing, and loads no SDK", () => {
  const connection = { config: { bucket: "none" }, open: () => assert.fail("opened"), dispose: async () => undefined };
  const store = new S3ArtifactStore(connection as unknown as ConstructorParameters<typeof S3ArtifactStore>[0]);
  assert.equal(store.uri("a"), "s3://none/a");
});
