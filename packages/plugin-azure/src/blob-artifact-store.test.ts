// Everything here runs against Azurite, Microsoft's emulator.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { testArtifactStore } from "@tenon/core/testing";
import {
  type Azurite,
  collected,
  type Fault,
  type FaultProxy,
  harmed,
  patterned,
  type RemoteStore,
  startAzurite,
  streamLargeObject,
  testRemoteStoreFaults,
} from "@tenon-test/servers";
import { afterAll, beforeAll, test } from "vitest";
import { BlobArtifactStore, create } from "./blob-artifact-store.js";
import { openContainer } from "./blob-connection.js";

let server: Azurite;
beforeAll(async () => {
  server = await startAzurite(import.meta.url);
});
afterAll(() => server?.stop());

function clientOf(container: string) {
  const credential = new StorageSharedKeyCredential(server.account, server.key);
  return new BlobServiceClient(server.endpoint, credential).getContainerClient(container);
}

async function freshContainer(): Promise<string> {
  const name = `c-${randomUUID()}`;
  await clientOf(name).create();
  return name;
}

async function open(container: string, { account = server.endpoint, prefix = "", retries = 5 } = {}) {
  const client = await openContainer({ account, container, accountKey: server.key });
  return new BlobArtifactStore(client, { prefix, retries });
}

testArtifactStore({
  test,
  prefix: "blob on Azurite",
  create: async () => {
    const container = await freshContainer();
    return { store: await open(container), openAgain: () => open(container) };
  },
});

test("below a prefix nothing of its neighbours is seen or touched", async () => {
  const container = await freshContainer();
  const all = await open(container);
  const neighbours = ["a", "team", "team/p", "team/pp/x", "team/ü.", "team0/x", "zz", "ü."];
  for (const key of neighbours) await all.write(key, Buffer.from("other"));
  const store = await open(container, { prefix: "team/p" });
  assert.deepEqual(await store.list(""), { entries: [] });
  for (const key of ["a", "ü.", "p/🐧"])
    assert.equal(await store.write(key, Buffer.from(key), { ifAbsent: true }), true);
  assert.deepEqual(
    (await store.list("")).entries.map(({ key }) => key),
    ["a", "p/🐧", "ü."],
  );
  for (const key of ["a", "ü.", "p/🐧"]) await store.delete(key);
  assert.deepEqual(
    (await all.list("")).entries.map(({ key }) => key),
    neighbours,
  );
});

const mebibyte = 1024 * 1024;
const large = patterned(20 * mebibyte + 5);

const remote: RemoteStore<BlobArtifactStore> = {
  port: () => server.port,
  fresh: freshContainer,
  open: (container, proxy) => open(container, proxy ? { account: `${proxy.endpoint}/${server.account}` } : {}),
  requests: {
    small: ({ method, url }) => method === "PUT" && !url.includes("comp="),
    part: ({ method, url }) => method === "PUT" && /comp=block&/.test(`${url}&`),
    commit: ({ method, url }) => method === "PUT" && url.includes("comp=blocklist"),
    read: ({ method, url }) => method === "GET" && !url.includes("comp="),
  },
};
testRemoteStoreFaults(test, remote);

const impatient = {
  ...remote,
  open: (container: string, proxy?: FaultProxy) =>
    open(container, proxy ? { account: `${proxy.endpoint}/${server.account}`, retries: 1 } : {}),
};

test("of many large writers to one key each succeeds or is told, and the blob is whole and one of theirs", async () => {
  const store = await open(await freshContainer());
  const bodies = Array.from({ length: 4 }, (_, index) => large.map((byte) => byte ^ index));
  for (const ifAbsent of [false, true]) {
    const key = `race/${ifAbsent}`;
    const won = await Promise.all(bodies.map((body) => store.write(key, body, { ifAbsent })));
    assert.equal(won.filter(Boolean).length, ifAbsent ? 1 : 4);
    const found = await collected(store.read(key));
    const which = bodies.findIndex((body) => found.equals(body));
    assert.ok(which >= 0 && won[which] === true);
  }
});

test("pages of a long list cost one request each and one look ahead, however many there are", () =>
  harmed(
    remote,
    () => undefined,
    async (store, direct, requests) => {
      const keys = Array.from({ length: 40 }, (_, index) => `k/${String(index).padStart(3, "0")}`);
      await Promise.all(keys.map((key) => direct.write(key, Buffer.from(key))));
      const found: string[] = [];
      let after: string | undefined;
      do {
        const page = await store.list("k/", { limit: 4, ...(after !== undefined && { after }) });
        found.push(...page.entries.map(({ key }) => key));
        after = page.next;
      } while (after !== undefined);
      assert.deepEqual(found, keys);
      // Ten pages, each with a look ahead, of plain names; and the packed ones, of which there are none.
      assert.ok(requests.length <= 31, `${requests.length} requests`);
    },
  ));

const azure = (status: number, code: string, message: string): Fault => ({
  answer: {
    status,
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    headers: { "content-type": "application/xml", "x-ms-error-code": code },
  },
});
const refusals: Record<string, readonly [Fault, string, RegExp]> = {
  "no permission": [
    azure(
      403,
      "AuthorizationPermissionMismatch",
      "This request is not authorized to perform this operation using this permission.",
    ),
    "STORE_DENIED",
    /Storage Blob Data/,
  ],
  "a wrong key": [
    azure(403, "AuthenticationFailed", "Server failed to authenticate the request."),
    "STORE_SIGN_IN_FAILED",
    /credentials/,
  ],
  "an expired signature": [
    azure(403, "AuthenticationFailed", "Signature not valid in the specified time frame"),
    "STORE_SIGN_IN_FAILED",
    /Sign in again/,
  ],
  "a wrong clock": [azure(403, "AuthenticationFailed", "Request date header too old"), "STORE_SIGN_IN_FAILED", /clock/],
  "an immutability policy": [
    azure(409, "BlobImmutableDueToPolicy", "This operation is not permitted as the blob is immutable due to a policy."),
    "STORE_READ_ONLY",
    /retention/,
  ],
  "a server that is busy for long": [
    azure(503, "ServerBusy", "The server is busy."),
    "STORE_UNAVAILABLE",
    /fewer steps/,
  ],
  "a server that fails for long": [azure(500, "InternalError", "Something is wrong."), "STORE_UNAVAILABLE", /500/],
  "a disabled account": [
    azure(403, "AccountIsDisabled", "The specified account is disabled."),
    "STORE_DENIED",
    /disabled/,
  ],
};
for (const [name, [fault, code, advice]] of Object.entries(refusals)) {
  test(`${name} gets a coded error that names the store and what to do`, () =>
    harmed(
      impatient,
      () => fault,
      async (store, _, __, container) => {
        const all = [
          () => store.write("key", Buffer.from("x")),
          () => collected(store.read("key")),
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
          assert.ok(error.message.includes(container), error.message);
        }
      },
    ));
}

test("a container that does not exist is told from a blob that does not", async () => {
  const store = await open("not-there");
  await assert.rejects(store.write("a", Buffer.from("x")), { code: "STORE_MISSING" });
  await assert.rejects(store.write("a", large), { code: "STORE_MISSING" });
  await assert.rejects(store.list(""), { code: "STORE_MISSING" });
  await assert.rejects(store.stat("a"), { code: "STORE_MISSING" });
  await assert.rejects(store.delete("a"), { code: "STORE_MISSING" });
  await assert.rejects(collected(store.read("a")), { code: "STORE_MISSING" });
});

test("a server that is not there, a host that is none, and a real wrong key are said to be", async () => {
  const options = { retries: 1 };
  const closed = await open("ccc", { account: "http://127.0.0.1:9/devstoreaccount1", ...options });
  await assert.rejects(closed.stat("a"), { code: "STORE_UNAVAILABLE" });
  const unknown = await open("ccc", { account: "http://nowhere.invalid", ...options });
  await assert.rejects(unknown.write("a", Buffer.from("x")), { code: "STORE_UNAVAILABLE" });
  const container = await freshContainer();
  const wrong = await openContainer({
    account: server.endpoint,
    container,
    accountKey: Buffer.from("s3cr3t").toString("base64"),
  });
  await assert.rejects(new BlobArtifactStore(wrong).write("a", Buffer.from("x")), { code: "STORE_SIGN_IN_FAILED" });
});

test("a probe says what can be done, and leaves nothing", async () => {
  const container = await freshContainer();
  const store = await open(container);
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

test("it is created from references to secrets, and a secret that is none is refused without being shown", async () => {
  const reference = { kind: "secret", source: "env", name: "BLOBS" } as const;
  const container = await freshContainer();
  const good = `DefaultEndpointsProtocol=http;AccountName=${server.account};AccountKey=${server.key};BlobEndpoint=${server.endpoint};`;
  const contextOf = (secret: string, config: object) =>
    ({ config: { container, ...config }, resolveSecret: async () => secret }) as unknown as Parameters<
      typeof create
    >[0];
  const store = await create(contextOf(good, { connectionString: reference }));
  await store.write("a", Buffer.from("x"));
  assert.equal(store.uri("a"), `${server.endpoint}/${container}/a`);
  for (const secret of ["s3cr3t", "AccountName=a;AccountKey=s3cr3t"]) {
    const error = await create(contextOf(secret, { connectionString: reference })).then(
      () => assert.fail("it succeeds"),
      (reason) => reason,
    );
    assert.ok(["STORE_SIGN_IN_FAILED", "COMPONENT_CONFIG_INVALID"].includes(error.code), String(error));
    assert.ok(!JSON.stringify([error.message, error.stack, error.details]).includes("s3cr3t"));
  }
  const signed = await create(contextOf("?sv=2024&sig=s3cr3t", { account: server.endpoint, sasToken: reference }));
  assert.ok(!signed.uri("a").includes("s3cr3t"));
  const error = await signed.stat("a").then(
    () => assert.fail("it succeeds"),
    (reason) => reason,
  );
  assert.ok(
    !JSON.stringify([error.message, error.stack, error.details, error.cause?.message]).includes("s3cr3t"),
    error.stack,
  );
  await assert.rejects(async () => create(contextOf("x", {})), { code: "COMPONENT_CONFIG_INVALID" });
});

test("a large object goes both ways in less than 200 MB of memory", { timeout: 600_000 }, async () => {
  const { sent, read, peak } = await streamLargeObject({
    plugin: new URL("../dist/index.js", import.meta.url),
    flavor: "blob",
    config: {
      account: server.endpoint,
      container: await freshContainer(),
      accountKey: { kind: "secret", source: "env", name: "KEY" },
    },
    secrets: { KEY: server.key },
  });
  assert.equal(read, sent);
  assert.ok(peak < 200e6, `${(peak / 1e6).toFixed(0)} MB`);
});
