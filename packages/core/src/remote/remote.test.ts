import assert from "node:assert/strict";
import { test } from "vitest";
import { TenonError } from "../errors.js";
import { type BodyPart, bodyParts } from "./body-parts.js";
import { connectionFault } from "./connection-fault.js";
import { PartBuffers } from "./part-buffers.js";
import { bareError, remoteError } from "./remote-error.js";
import { resumingRead } from "./resuming-read.js";
import { uploadParts } from "./upload-parts.js";
import { watchedBody } from "./watched-body.js";

const bytes = Uint8Array.from({ length: 1_000_003 }, (_, index) => (index * 31) ^ (index >> 8));

/** All in one buffer that is written over. */
async function* reusing(body: Uint8Array, length: number) {
  const buffer = new Uint8Array(length);
  for (let start = 0; start < body.length; start += length) {
    const piece = body.subarray(start, start + length);
    buffer.fill(0).set(piece);
    yield buffer.subarray(0, piece.length);
  }
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("parts put together are the body, all but the last of the length asked for, whatever the pieces", async () => {
  for (const partBytes of [1000, 65_536, 1_000_003, 5_000_000]) {
    for (const pieceBytes of [999, 70_000, 1_000_003]) {
      for (const body of [bytes, reusing(bytes, pieceBytes)]) {
        const parts = await all(bodyParts(body, { partBytes }));
        assert.equal(parts.length, Math.ceil(bytes.length / partBytes));
        assert.deepEqual(
          parts.map(({ number, last }) => [number, last]),
          parts.map((_, index) => [index + 1, index === parts.length - 1]),
        );
        assert.ok(parts.slice(0, -1).every((part) => part.bytes.length === partBytes));
        assert.ok(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes));
      }
    }
  }
});

test("an empty body is one empty part, and a body that just fills its parts has no empty one after them", async () => {
  for (const body of [new Uint8Array(), reusing(new Uint8Array(), 5)]) {
    assert.deepEqual(
      (await all(bodyParts(body, { partBytes: 10 }))).map((part) => part.bytes.length),
      [0],
    );
  }
  const parts = await all(bodyParts(reusing(bytes.subarray(0, 20), 10), { partBytes: 10 }));
  assert.deepEqual(
    parts.map(({ last }) => last),
    [false, true],
  );
});

test("a signal ends the wait for a body that hangs", async () => {
  const controller = new AbortController();
  async function* hanging() {
    yield bytes;
    controller.abort(new Error("no longer wanted"));
    await new Promise<never>(() => {});
  }
  await assert.rejects(all(bodyParts(hanging(), { partBytes: 10, signal: controller.signal })), /no longer wanted/);
});

test("buffers that were given back are used again, and nobody else's memory is", async () => {
  const buffers = new PartBuffers();
  const seen = new Set<ArrayBufferLike>();
  for await (const part of bodyParts(reusing(bytes, 5000), { partBytes: 10_000, buffers })) {
    seen.add(part.bytes.buffer);
    buffers.give(part.bytes);
  }
  assert.ok(seen.size <= 3, `${seen.size} buffers`);
  const own = new Uint8Array(10_000);
  buffers.give(own);
  assert.ok(![1, 2, 3].some(() => buffers.take(10_000).buffer === own.buffer));
});

test("parts are sent so many at once, and their results come in order", async () => {
  let underWay = 0;
  let most = 0;
  const results = await uploadParts(bodyParts(bytes, { partBytes: 50_000 }), {
    atOnce: 4,
    async send({ number }) {
      underWay += 1;
      most = Math.max(most, underWay);
      for (let turn = 0; turn < (number % 3) + 1; turn += 1) await new Promise(setImmediate);
      underWay -= 1;
      return number;
    },
  });
  assert.deepEqual(
    results,
    Array.from({ length: 21 }, (_, index) => index + 1),
  );
  assert.equal(most, 4);
});

test("after a failed part the others are stopped, no further one starts, and nothing is under way any more", async () => {
  let underWay = 0;
  const started: number[] = [];
  const sending = uploadParts(bodyParts(bytes, { partBytes: 50_000 }), {
    atOnce: 3,
    async send({ number }: BodyPart, signal) {
      started.push(number);
      underWay += 1;
      try {
        if (number === 3) throw new Error("part 3 has failed");
        await new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      } finally {
        underWay -= 1;
      }
    },
  });
  await assert.rejects(sending, /part 3 has failed/);
  assert.equal(underWay, 0);
  assert.deepEqual(started, [1, 2, 3]);
});

test("a body that breaks off is gone on with where it did, in the version that it began in", async () => {
  const asked: [number, string | undefined][] = [];
  const read = resumingRead({
    async open(skip, version) {
      asked.push([skip, version]);
      async function* body() {
        yield bytes.subarray(skip, skip + 100_000);
        if (skip < 200_000) throw Object.assign(new Error("cut"), { code: "ECONNRESET" });
        if (skip < 300_000) return;
        yield bytes.subarray(skip + 100_000);
      }
      return { body: body(), length: bytes.length - skip, version: "v1" };
    },
    isTransient: (error) => connectionFault(error) !== undefined,
  });
  assert.ok(Buffer.concat(await all(read)).equals(bytes));
  assert.deepEqual(asked, [
    [0, undefined],
    [100_000, "v1"],
    [200_000, "v1"],
    [300_000, "v1"],
  ]);
});

test("a body that breaks off for good, and an error that asking again does not mend, reject", async () => {
  for (const [isTransient, times] of [
    [() => true, 3],
    [() => false, 1],
  ] as const) {
    let asked = 0;
    const read = resumingRead({
      open: async () => {
        asked += 1;
        // biome-ignore lint/correctness/useYield: it fails before
        const body = (async function* (): AsyncGenerator<Uint8Array> {
          throw new Error("broken");
        })();
        return { body, length: 10 };
      },
      isTransient,
      retries: 2,
    });
    await assert.rejects(all(read), /broken/);
    assert.equal(asked, times);
  }
});

test("what kept a request from being answered is found among an error's causes", () => {
  const cause = Object.assign(new Error("getaddrinfo ENOTFOUND s3.nowhere.test"), { code: "ENOTFOUND" });
  assert.equal(connectionFault(new Error("request failed", { cause }))?.fault, "host-unknown");
  const several = new AggregateError([Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })]);
  assert.equal(connectionFault(several)?.fault, "unreachable");
  const tls = Object.assign(new Error("x"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  assert.equal(connectionFault(tls)?.fault, "tls");
  assert.equal(connectionFault(new Error("something else")), undefined);
});

test("an error that is kept as a cause has lost the request that signed it", () => {
  const error = Object.assign(new Error("denied"), { code: "AccessDenied", $response: { token: "s3cr3t" } });
  const kept = remoteError({ fault: "denied", doing: "writing 'a'", found: "denied.", cause: error });
  assert.ok(TenonError.is(kept, "STORE_DENIED"));
  assert.match(kept.message, /^Writing 'a': denied\. Give/);
  assert.deepEqual(Object.keys(kept.cause as object), ["code"]);
  assert.equal((bareError(error) as Error).stack, error.stack);
});

test("what a body failed with is told from what a service said", async () => {
  const own = new Error("the source has failed");
  async function* failing() {
    yield bytes;
    throw own;
  }
  const { body, failedWith } = watchedBody(failing());
  await assert.rejects(all(bodyParts(body, { partBytes: 10_000 })), own);
  assert.ok(failedWith(own));
  assert.ok(!failedWith(new Error("the source has failed")));
  const whole = watchedBody(reusing(bytes, 999)).body;
  assert.ok(
    Buffer.concat((await all(bodyParts(whole, { partBytes: 5_000_000 }))).map((part) => part.bytes)).equals(bytes),
  );
});
