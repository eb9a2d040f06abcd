import assert from "node:assert/strict";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { inspect } from "node:util";
import { TenonError } from "@tenon/core";
import { collected, type FaultProxy, startFaultProxy } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { S3ArtifactStore } from "./s3-artifact-store.js";
import type { S3Config } from "./s3-config.js";
import { S3Connection } from "./s3-connection.js";
import { bucket, defaults, missing, useGateway } from "./testing/gateway.js";

const secrets = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI-very-secret",
  sessionToken: "a-session-token-that-is-secret",
};

async function failure(work: Promise<unknown>): Promise<TenonError> {
  const error = await work.then(
    () => assert.fail("it succeeded"),
    (reason) => reason,
  );
  assert.ok(TenonError.is(error), String(error));
  const shown = inspect(error, { depth: 20, showHidden: true });
  for (const secret of [secrets.secretAccessKey, secrets.sessionToken, "Signature="]) {
    assert.ok(!shown.includes(secret), `a secret is in the error: ${secret}`);
  }
  return error;
}

/** What services answer with, and what is to be said of it. */
const answers = [
  [403, "ExpiredToken", "The provided token has expired.", "STORE_SIGN_IN_FAILED", /Sign in again/],
  [403, "InvalidAccessKeyId", "", "STORE_SIGN_IN_FAILED", /credentials/],
  [403, "RequestTimeTooSkewed", "The difference is too large", "STORE_SIGN_IN_FAILED", /clock/],
  [403, "AccessDenied", "Access Denied", "STORE_DENIED", /s3:PutObject on the bucket 'tenon-tests'/],
  [403, "AccessDenied", "denied because object protected by object lock", "STORE_READ_ONLY", /retention/],
  [
    400,
    "InvalidRequest",
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
    "STORE_READ_ONLY",
    /retention/,
  ],
  [
    400,
    "AuthorizationHeaderMalformed",
    "the region 'us-east-1' is wrong; expecting 'eu-west-1'",
    "COMPONENT_CONFIG_INVALID",
    /'eu-west-1'/,
  ],
  [
    301,
    "PermanentRedirect",
    "The bucket must be addressed using the specified endpoint",
    "COMPONENT_CONFIG_INVALID",
    /region/,
  ],
  [403, "QuotaExceeded", "", "STORE_FULL", /tenon gc/],
  [507, "XMinioStorageFull", "Storage is full", "STORE_FULL", /room/],
  [404, "NoSuchBucket", "", "STORE_MISSING", /Create the bucket/],
  [503, "SlowDown", "Reduce your request rate", "STORE_UNAVAILABLE", /Wait/],
  [500, "InternalError", "", "STORE_UNAVAILABLE", /server/],
] as const;

describe("what a service answers", () => {
  test.each(answers)("%i %s (%s) is %s", async (status, code, message, expected, fix) => {
    const server = createServer((request, response) => {
      request.resume().on("end", () => {
        const body = `<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
        response.writeHead(status, { "content-type": "application/xml" }).end(body);
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const store = open({ endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    try {
      const error = await failure(store.write("a/b", Buffer.from("x")));
      expect(error.code).toBe(expected);
      expect(error.fix).toMatch(fix);
      expect(error.doing).toBe("writing 's3://tenon-tests/a/b' in the artifact store s3");
      expect(error.found).toContain(`${status} ${code}`);
    } finally {
      await store.dispose();
      server.closeAllConnections();
      server.close();
    }
  });
});

describe("what keeps a service from answering", () => {
  test("a host that nobody knows", async () => {
    const error = await failure(open({ endpoint: "http://s3.nowhere.invalid" }).stat("a"));
    expect(error.code).toBe("STORE_UNAVAILABLE");
    expect(error.fix).toMatch(/host's name/);
  });

  test("a port on which nobody listens", async () => {
    const error = await failure(open({ endpoint: "http://127.0.0.1:1" }).list(""));
    expect(error.code).toBe("STORE_UNAVAILABLE");
    expect(error.found).toMatch(/127\.0\.0\.1:1 cannot be reached.*ECONNREFUSED/);
  });

  test("TLS spoken to a server that does not speak it", async () => {
    const server = createTcpServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const error = await failure(open({ endpoint: `https://127.0.0.1:${port}` }).stat("a"));
    server.close();
    expect(error.code).toBe("STORE_UNAVAILABLE");
    expect(error.fix).toMatch(/NODE_EXTRA_CA_CERTS/);
  });
});

describe.skipIf(missing !== undefined)("what Ceph answers", () => {
  const gateway = useGateway();
  let proxy: FaultProxy;
  beforeAll(async () => {
    if (missing === undefined) proxy = await startFaultProxy(gateway.running().port);
  });
  afterAll(() => proxy?.stop());

  test("a bucket that does not exist is missed by every operation", async () => {
    const store = gateway.store({ bucket: "no-such-bucket" });
    for (const work of [
      () => store.write("a", Buffer.from("x")),
      () => store.write("a", Buffer.from("x"), { ifAbsent: true }),
      () => collected(store.read("a")),
      () => store.stat("a"),
      () => store.list(""),
      () => store.delete("a"),
    ]) {
      const error = await failure(work());
      expect(error.code).toBe("STORE_MISSING");
      expect(error.fix).toMatch(/'no-such-bucket'/);
    }
  });

  test("a wrong secret and an unknown key are told apart, and neither is repeated", async () => {
    const { endpoint, accessKey } = gateway.running();
    const wrong = await failure(open({ endpoint }, { ...secrets, accessKeyId: accessKey }).list(""));
    expect(wrong.code).toBe("STORE_SIGN_IN_FAILED");
    expect(wrong.fix).toMatch(/secret access key/);
    const unknown = await failure(open({ endpoint }).list(""));
    expect(unknown.code).toBe("STORE_SIGN_IN_FAILED");
  });

  test("a full quota", async () => {
    await gateway.running().admin("quota", "set", "--quota-scope=user", "--uid=test", "--max-objects=0");
    await gateway.running().admin("quota", "enable", "--quota-scope=user", "--uid=test");
    try {
      const error = await failure(gateway.store().write("a", Buffer.from("x")));
      expect(error.code).toBe("STORE_FULL");
    } finally {
      await gateway.running().admin("quota", "disable", "--quota-scope=user", "--uid=test");
    }
  });

  test("a probe of a bucket that can be used finds nothing wrong, and leaves nothing", async () => {
    const store = gateway.store();
    const findings = await store.probe();
    expect(findings.filter(({ error }) => error)).toEqual([]);
    expect(findings.map(({ permission }) => permission)).toContain("s3:DeleteObject");
    expect(findings.flatMap(({ note }) => note ?? [])).toEqual([expect.stringMatching(/uploads in parts/)]);
    const { sdk, client } = await gateway.connect().open();
    const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: "t/" }));
    expect(Contents.filter(({ Key = "" }) => Key.includes("tenon-probe"))).toEqual([]);
    expect(await gateway.unfinished()).toBe(0);
  });

  test("a probe says which permission is missing, and that versions get in the way", async () => {
    const { sdk, client } = await gateway.connect().open();
    const Bucket = "tenon-versions";
    await client.send(new sdk.CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: "Enabled" as const };
    await client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const store = gateway.store({ endpoint: proxy.endpoint, bucket: Bucket });
    const denied = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    proxy.plan = ({ method }) => (method === "DELETE" ? { answer: { status: 403, body: denied } } : undefined);
    const findings = await store.probe();
    const failed = findings.flatMap(({ tried, error }) =>
      TenonError.is(error) ? [[tried, error.code, error.fix]] : [],
    );
    expect(failed).toEqual([
      ["deleting it", "STORE_DENIED", expect.stringMatching(/s3:DeleteObject on the bucket/)],
      ["writing only where nothing is", "STORE_UNSUITABLE", expect.stringMatching(/keep no versions/)],
    ]);
    expect(findings.at(-1)?.note).toMatch(/keeps old versions/);
  });

  test("a bucket that has kept versions may take a deleted object for one that is there, and that is said", async () => {
    const { sdk, client } = await gateway.connect().open();
    const Bucket = "tenon-markers";
    await client.send(new sdk.CreateBucketCommand({ Bucket }));
    for (const Status of ["Enabled", "Suspended"] as const) {
      const VersioningConfiguration = { Status };
      await client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    }
    const store = gateway.store({ bucket: Bucket });
    expect(await store.write("a", Buffer.from("1"), { ifAbsent: true })).toBe(true);
    await store.delete("a");
    const error = await failure(store.write("a", Buffer.from("2"), { ifAbsent: true }));
    expect(error.code).toBe("STORE_UNSUITABLE");
    expect(error.fix).toMatch(/never kept versions/);
  });

  test("a probe of what cannot be reached says so once", async () => {
    const findings = await open({ endpoint: "http://127.0.0.1:1" }).probe();
    expect(findings.map(({ error }) => TenonError.is(error) && error.code)).toEqual(["STORE_UNAVAILABLE"]);
  });
});

function open(config: Partial<S3Config>, keys = secrets): S3ArtifactStore {
  return new S3ArtifactStore(new S3Connection({ ...defaults, attempts: 2, bucket, ...config }, async () => keys));
}
