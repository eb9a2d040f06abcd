import assert from "node:assert/strict";
import { collected, type FaultProxy, startFaultProxy } from "@tenon-test/servers";
import { afterAll, afterEach, beforeAll, describe, test } from "vitest";
import { missing, patterned, useGateway } from "./testing/gateway.js";

const mebibyte = 1 << 20;

describe.skipIf(missing !== undefined)("behind a network that fails", () => {
  const gateway = useGateway();
  let proxy: FaultProxy;
  beforeAll(async () => {
    if (missing === undefined) proxy = await startFaultProxy(gateway.running().port);
  });
  afterAll(() => proxy?.stop());
  afterEach(() => {
    proxy.plan = () => undefined;
  });
  const store = (config = {}) => gateway.store({ endpoint: proxy.endpoint, partSize: 5 * mebibyte, ...config });

  /** Does harm to the first so many requests that fit. */
  const harm = (method: string, url: RegExp, fault: object, times = 1) => {
    let left = times;
    const seen: string[] = [];
    proxy.plan = (request) => {
      if (request.method !== method || !url.test(request.url)) return undefined;
      seen.push(request.url);
      left -= 1;
      return left >= 0 ? fault : undefined;
    };
    return seen;
  };

  for (const status of [500, 503, 429]) {
    test(`an answer of ${status} is asked again after a pause, and the write succeeds`, async () => {
      const seen = harm("PUT", /key/, { answer: { status } }, 2);
      const subject = store();
      assert.equal(await subject.write("key", Buffer.from("x")), true);
      assert.equal(seen.length, 3);
      assert.equal(String(await collected(subject.read("key"))), "x");
    });
  }

  test("what cannot get better is asked once", async () => {
    const body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    const seen = harm("PUT", /key/, { answer: { status: 403, body } }, 9);
    await assert.rejects(store().write("key", Buffer.from("x")), { code: "STORE_DENIED" });
    assert.equal(seen.length, 1);
  });

  test("a write whose request is cut in the middle of its body is made again", async () => {
    const body = Buffer.alloc(3 * mebibyte, "abc");
    const seen = harm("PUT", /key/, { cutRequestAfter: mebibyte });
    const subject = store();
    await subject.write("key", body);
    assert.equal(seen.length, 2);
    assert.ok((await collected(subject.read("key"))).equals(body));
  });

  test("a conditional write whose answer is lost after it was done knows that it was its own", async () => {
    const subject = store();
    await subject.write("before", Buffer.from("x"), { ifAbsent: true });
    const seen = harm("PUT", /key/, { loseAnswer: true });
    assert.equal(await subject.write("key", Buffer.from("mine"), { ifAbsent: true }), true);
    assert.equal(seen.length, 2);
    assert.equal(await subject.write("key", Buffer.from("other"), { ifAbsent: true }), false);
    assert.equal(String(await collected(subject.read("key"))), "mine");
  });

  test("a conditional write that meets a conflict asks who has won", async () => {
    const subject = store();
    await subject.write("before", Buffer.from("x"), { ifAbsent: true });
    const body = "<Error><Code>ConditionalRequestConflict</Code></Error>";
    harm("PUT", /key/, { answer: { status: 409, body } }, 2);
    assert.equal(await subject.write("key", Buffer.from("mine"), { ifAbsent: true }), true);
    assert.equal(String(await collected(subject.read("key"))), "mine");
  });

  test("a read that is cut in the middle, several times, goes on where it was", async () => {
    const subject = store();
    const body = await collected(patterned(12 * mebibyte));
    await subject.write("key", body);
    const seen: (string | undefined)[] = [];
    proxy.plan = ({ method, headers }) => {
      if (method !== "GET") return undefined;
      seen.push(headers.range);
      return seen.length <= 3 ? { cutAnswerAfter: 2.5 * mebibyte } : undefined;
    };
    assert.ok((await collected(subject.read("key"))).equals(body));
    assert.equal(seen.length, 4);
    assert.equal(seen[0], undefined);
    assert.ok(
      seen.slice(1).every((range) => /^bytes=[1-9]\d+-$/.test(range ?? "")),
      String(seen),
    );
    seen.length = 0;
    const range = { start: 1_000_001, end: 9_000_000 };
    assert.ok((await collected(subject.read("key", { range }))).equals(body.subarray(range.start, range.end)));
    assert.equal(seen.length, 4);
  });

  test("a read that is cut while its object is replaced rejects instead of mixing the two", async () => {
    const subject = store();
    await subject.write("key", Buffer.alloc(3 * mebibyte, "a"));
    harm("GET", /key/, { cutAnswerAfter: mebibyte });
    let seen = 0;
    const reading = (async () => {
      for await (const piece of subject.read("key")) {
        if (seen === 0) await subject.write("key", Buffer.alloc(3 * mebibyte, "b"));
        seen += piece.length;
      }
    })();
    await assert.rejects(reading, { code: "STORE_UNAVAILABLE", found: /replaced/ });
  });

  test("parts that fail are sent again, and the object is whole", async () => {
    const subject = store();
    let parts = 0;
    proxy.plan = ({ method, url }) => {
      if (method !== "PUT" || !/partNumber=/.test(url)) return undefined;
      parts += 1;
      if (parts === 1) return { answer: { status: 500 } };
      if (parts === 2) return { cutRequestAfter: mebibyte };
      if (parts === 3) return { loseAnswer: true };
      return undefined;
    };
    const body = await collected(patterned(21 * mebibyte));
    assert.equal(await subject.write("key", patterned(21 * mebibyte)), true);
    assert.equal(parts, 5 + 3);
    assert.ok((await collected(subject.read("key"))).equals(body));
    assert.equal(await gateway.unfinished(), 0);
  });

  test("the end of an upload in parts whose answer is lost counts as done", async () => {
    for (const again of [{ status: 404, code: "NoSuchUpload" }, undefined]) {
      const subject = store();
      let ends = 0;
      proxy.plan = ({ method, url }) => {
        if (method !== "POST" || !/uploadId=/.test(url)) return undefined;
        ends += 1;
        if (ends === 1) return { loseAnswer: true };
        // Some servers answer the second request as the first one, others have forgotten the upload.
        return again && { answer: { status: again.status, body: `<Error><Code>${again.code}</Code></Error>` } };
      };
      assert.equal(await subject.write("key", patterned(11 * mebibyte)), true);
      assert.equal(ends, 2);
      assert.equal((await subject.stat("key"))?.size, 11 * mebibyte);
    }
  });

  test("an upload in parts that fails for good leaves nothing", async () => {
    const subject = store({ attempts: 2 });
    const seen = harm("PUT", /partNumber=3/, { answer: { status: 503 } }, 99);
    await assert.rejects(subject.write("key", patterned(40 * mebibyte)), { code: "STORE_UNAVAILABLE" });
    assert.equal(seen.length, 2);
    proxy.plan = () => undefined;
    assert.equal(await gateway.unfinished(), 0);
    assert.equal(await subject.stat("key"), undefined);
  });

  test("a cancelled upload in parts leaves nothing, wherever the cancellation meets it", async () => {
    for (const [method, url] of [
      ["POST", /uploads/],
      ["PUT", /partNumber=1/],
      ["PUT", /partNumber=3/],
    ] as const) {
      const controller = new AbortController();
      const subject = store();
      proxy.plan = (request) => {
        if (request.method === method && url.test(request.url)) controller.abort(new Error("no longer wanted"));
        return undefined;
      };
      const writing = subject.write("key", patterned(40 * mebibyte), { signal: controller.signal });
      await assert.rejects(writing, /no longer wanted/);
      assert.equal(await gateway.unfinished(), 0, `after ${method} ${url}`);
      assert.equal(await subject.stat("key"), undefined);
    }
  });

  test("a cancellation that comes while a write is committed waits for it: the object is there, and whole", async () => {
    const controller = new AbortController();
    const subject = store();
    proxy.plan = ({ method, url }) => {
      if (method === "PUT" && /key/.test(url)) controller.abort(new Error("no longer wanted"));
      return undefined;
    };
    assert.equal(await subject.write("key", Buffer.from("x"), { signal: controller.signal }), true);
    assert.equal((await subject.stat("key"))?.size, 1);
  });

  test("a server that does not answer is given up after the time that was set", async () => {
    const subject = store({ timeout: 1, attempts: 2 });
    const seen = harm("HEAD", /key/, { delayMs: 3000 }, 9);
    await assert.rejects(subject.stat("key"), { code: "STORE_UNAVAILABLE" });
    assert.equal(seen.length, 2);
  });

  test("a server that ignores conditions is found out before anything is written", async () => {
    const subject = store();
    proxy.plan = ({ method, headers }) =>
      method === "PUT" && headers["if-none-match"] !== undefined
        ? { answer: { status: 200, headers: { etag: '"1"' } } }
        : undefined;
    const writing = subject.write("key", Buffer.from("x"), { ifAbsent: true });
    await assert.rejects(writing, { code: "STORE_UNSUITABLE", found: /ignores the condition/ });
    proxy.plan = () => undefined;
    assert.deepEqual((await subject.list("")).entries, []);
  });

  test("a server that does not implement conditions is named as such, and writes without one succeed", async () => {
    const subject = store();
    const body = "<Error><Code>NotImplemented</Code></Error>";
    proxy.plan = ({ headers }) =>
      headers["if-none-match"] !== undefined ? { answer: { status: 501, body } } : undefined;
    await assert.rejects(subject.write("key", Buffer.from("x"), { ifAbsent: true }), { code: "STORE_UNSUITABLE" });
    assert.equal(await subject.write("key", Buffer.from("x")), true);
  });

  test("on a server that heeds the condition at the end of parts, parts are used, and a lost answer is no conflict", async () => {
    const subject = store();
    let ends = 0;
    const refused = { answer: { status: 412, body: "<Error><Code>PreconditionFailed</Code></Error>" } };
    proxy.plan = ({ method, url }) => {
      if (method !== "POST" || !/uploadId=/.test(url)) return undefined;
      if (/tenon-probe/.test(url)) return refused;
      ends += 1;
      return ends === 1 ? { loseAnswer: true } : refused;
    };
    assert.equal(await subject.write("key", patterned(11 * mebibyte), { ifAbsent: true }), true);
    assert.equal(ends, 2);
    proxy.plan = ({ method, url }) => (method === "POST" && /uploadId=/.test(url) ? refused : undefined);
    async function* body() {
      yield* patterned(9 * mebibyte);
      await subject.write("other", Buffer.from("old"));
    }
    assert.equal(await subject.write("other", body(), { ifAbsent: true }), false);
    const unfounded = subject.write("third", patterned(11 * mebibyte), { ifAbsent: true });
    await assert.rejects(unfounded, { code: "STORE_UNSUITABLE" });
    assert.equal(await gateway.unfinished(), 0);
  });

  test("on a server that ignores it there, a large conditional write survives a lost answer and goes in one request", async () => {
    const subject = store();
    const seen = harm("PUT", /key/, { loseAnswer: true });
    assert.equal(await subject.write("key", patterned(11 * mebibyte), { ifAbsent: true }), true);
    assert.equal(seen.length, 2);
    assert.ok(seen.every((url) => !/partNumber/.test(url)));
    const body = await collected(patterned(11 * mebibyte));
    assert.ok((await collected(subject.read("key"))).equals(body));
  });
});
