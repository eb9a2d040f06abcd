// Everything here runs against Azurite, Microsoft's emulator.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { testArtifactStore } from "@tenon/core/testing";
import {
  type Azurite,
  type Fault,
  type ProxiedRequest,
  startAzurite,
  startFaultProxy,
  streamLargeObject,
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

/** A store behind a proxy that does to each request what `plan` says. */
async function harmed(
  plan: (request: ProxiedRequest) => Fault | undefined,
  body: (
    store: BlobArtifactStore,
    direct: BlobArtifactStore,
    requests: readonly ProxiedRequest[],
    container: string,
  ) => Promise<void>,
  options: { retries?: number } = {},
): Promise<void> {
  const proxy = await startFaultProxy(server.port);
  const container = await freshContainer();
  try {
    proxy.plan = plan;
    const account = `${proxy.endpoint}/${server.account}`;
    await body(await open(container, { account, ...options }), await open(container), proxy.requests, container);
  } finally {
    await proxy.stop();
  }
}

const mebibyte = 1024 * 1024;

function patterned(length: number): Buffer {
  return Buffer.from(
    Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2654435761)).buffer,
  ).subarray(0, length);
}

async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** The first request that fits meets the fault. */
function once(
  fits: (request: ProxiedRequest) => boolean,
  fault: Fault,
): (request: ProxiedRequest) => Fault | undefined {
  let met = false;
  return (request) => {
    if (met || !fits(request)) return undefined;
    met = true;
    return fault;
  };
}

const isBlock = ({ method, url }: ProxiedRequest) => method === "PUT" && /comp=block&/.test(`${url}&`);
const isCommit = ({ method, url }: ProxiedRequest) => method === "PUT" && url.includes("comp=blocklist");
const isSmall = ({ method, url }: ProxiedRequest) => method === "PUT" && !url.includes("comp=");
const isRead = ({ method, url }: ProxiedRequest) => method === "GET" && !url.includes("comp=");

const large = patterned(20 * mebibyte + 5);
const passing: Record<string, readonly [(request: ProxiedRequest) => boolean, Fault]> = {
  "a small write that is answered 503": [isSmall, { answer: { status: 503 } }],
  "a small write that is answered 429": [isSmall, { answer: { status: 429 } }],
  "a small write whose answer is lost after it was stored": [isSmall, { loseAnswer: true }],
  "a block that is answered 500": [isBlock, { answer: { status: 500 } }],
  "a block that is cut in its middle": [isBlock, { cutRequestAfter: 3 * mebibyte }],
  "a block whose answer is lost": [isBlock, { loseAnswer: true }],
  "a commit that is answered 503": [isCommit, { answer: { status: 503 } }],
  "a commit whose answer is lost after it was obeyed": [isCommit, { loseAnswer: true }],
  "a read that is answered 503": [isRead, { answer: { status: 503 } }],
};
for (const [name, [fits, fault]] of Object.entries(passing)) {
  test(`${name} succeeds, and ifAbsent still knows its own blob`, () =>
    harmed(once(fits, fault), async (store, direct, requests) => {
      for (const body of fits === isSmall || fits === isRead ? [Buffer.from("small")] : [large]) {
        assert.equal(await store.write("key", body, { ifAbsent: true }), true);
        assert.ok((await collected(store.read("key"))).equals(body));
        assert.equal(await direct.write("key", Buffer.from("other"), { ifAbsent: true }), false);
        assert.equal(await direct.write("key", large, { ifAbsent: true }), false);
      }
      assert.ok(requests.some(fits));
    }));
}

test("a read that is cut again and again goes on where it was, and hands out every byte once", () =>
  harmed(
    (request) => (isRead(request) ? { cutAnswerAfter: 6 * mebibyte } : undefined),
    async (store, direct, requests) => {
      await direct.write("key", large);
      assert.ok((await collected(store.read("key"))).equals(large));
      const range = { start: 11, end: 10 * mebibyte };
      assert.ok((await collected(store.read("key", { range }))).equals(large.subarray(11, range.end)));
      assert.equal(requests.filter(isRead).length, 4 + 2);
    },
  ));

test("a blob that is replaced while it is read is never mixed with its successor", () =>
  harmed(
    (request) => (isRead(request) ? { cutAnswerAfter: 3 * mebibyte } : undefined),
    async (store, direct) => {
      await direct.write("key", large);
      const reading = (async () => {
        let first = true;
        for await (const _ of store.read("key")) {
          if (first) await direct.write("key", Buffer.from("new"));
          first = false;
        }
      })();
      await assert.rejects(reading, { code: "ARTIFACT_MISSING" });
    },
  ));

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

test("a large write that another one overtakes keeps to its condition, and a cancelled one leaves nothing in sight", async () => {
  const container = await freshContainer();
  const store = await open(container);
  async function* overtaken() {
    yield large;
    await store.write("a", Buffer.from("first"));
    yield Buffer.from("end");
  }
  assert.equal(await store.write("a", overtaken(), { ifAbsent: true }), false);
  assert.equal(String(await collected(store.read("a"))), "first");
  const controller = new AbortController();
  async function* hanging() {
    yield large;
    controller.abort(new Error("no longer wanted"));
    await new Promise<never>(() => {});
  }
  await assert.rejects(store.write("b", hanging(), { signal: controller.signal }), /no longer wanted/);
  assert.equal(await store.stat("b"), undefined);
  assert.deepEqual((await store.list("")).entries, [{ key: "a", size: 5 }]);
  assert.equal(await store.write("b", large, { ifAbsent: true }), true);
});

test("pages of a long list cost one request each and one look ahead, however many there are", () =>
  harmed(
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
      { retries: 1 },
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
