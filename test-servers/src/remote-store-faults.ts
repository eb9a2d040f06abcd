import assert from "node:assert/strict";
import { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "./fault-proxy.js";

/** What an artifact store has to be able to do, to be harmed. */
export interface HarmedStore {
  write(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options?: { readonly ifAbsent?: boolean; readonly signal?: AbortSignal },
  ): Promise<boolean>;
  read(
    key: string,
    options?: { readonly range?: { readonly start: number; readonly end?: number } },
  ): AsyncIterable<Uint8Array>;
  stat(key: string): Promise<{ readonly size: number } | undefined>;
  list(prefix: string): Promise<{ readonly entries: readonly { readonly key: string; readonly size: number }[] }>;
}

type Fits = (request: ProxiedRequest) => boolean;

export interface RemoteStore<Store extends HarmedStore> {
  /** The server's; known once tests run. */
  port(): number;
  /** A fresh bucket, container or the like. */
  fresh(): Promise<string> | string;
  open(place: string, proxy?: FaultProxy): Promise<Store>;
  /** By what a request is recognised. `part` is of a large write; `begin` and `commit` are where the service has them. */
  readonly requests: {
    readonly small: Fits;
    readonly part: Fits;
    readonly read: Fits;
    readonly begin?: Fits;
    readonly commit?: Fits;
  };
  /** What else has to hold: begins to watch, and looks when everything is done. */
  watch?(): (requests: readonly ProxiedRequest[]) => void;
}

const mebibyte = 2 ** 20;

export function patterned(length: number): Buffer {
  const words = Uint32Array.from({ length: Math.ceil(length / 4) }, (_, index) => Math.imul(index, 2654435761));
  return Buffer.from(words.buffer).subarray(0, length);
}

export async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** The first request that fits meets the fault. */
function once(fits: Fits, fault: Fault): (request: ProxiedRequest) => Fault | undefined {
  let met = false;
  return (request) => {
    if (met || !fits(request)) return undefined;
    met = true;
    return fault;
  };
}

/** A store behind a proxy that does to each request what `plan` says, and one that reaches the server itself. */
export async function harmed<Store extends HarmedStore>(
  remote: Pick<RemoteStore<Store>, "port" | "fresh" | "open">,
  plan: (request: ProxiedRequest) => Fault | undefined,
  body: (store: Store, direct: Store, requests: readonly ProxiedRequest[], place: string) => Promise<void>,
): Promise<void> {
  const proxy = await startFaultProxy(remote.port());
  const place = await remote.fresh();
  try {
    proxy.plan = plan;
    await body(await remote.open(place, proxy), await remote.open(place), proxy.requests, place);
  } finally {
    await proxy.stop();
  }
}

const part = { "answered 500": { answer: { status: 500 } }, "cut in its middle": { cutRequestAfter: 3 * mebibyte } };
const lost = { "done, and whose answer is lost": { loseAnswer: true } };
const busy = { "answered 503": { answer: { status: 503 } }, "answered 429": { answer: { status: 429 } } };
const faults: Readonly<Record<keyof RemoteStore<HarmedStore>["requests"], Readonly<Record<string, Fault>>>> = {
  small: { ...busy, ...lost, "cut in its body": { cutRequestAfter: 100 } },
  begin: { "answered 500": { answer: { status: 500 } } },
  part: { ...part, ...busy, ...lost },
  commit: { ...busy, ...lost },
  read: { ...busy, "cut before its first byte": { cutAnswerAfter: 0 } },
};

/**
 * What every store of a remote service has to withstand, whatever the service: one fault at the worst moment of each kind
 * of request, reads that break off again and again, and writers that overtake each other.
 */
export function testRemoteStoreFaults<Store extends HarmedStore>(
  test: (name: string, body: () => Promise<void>) => unknown,
  remote: RemoteStore<Store>,
): void {
  const large = patterned(20 * mebibyte + 5);
  const small = patterned(1000);
  const { read: isRead } = remote.requests;
  for (const kind of Object.keys(faults) as (keyof typeof faults)[]) {
    const fits = remote.requests[kind];
    for (const [how, fault] of fits ? Object.entries(faults[kind]) : []) {
      test(`a ${kind} request that is ${how} delays a write and its read, and ifAbsent still knows its own object`, () =>
        harmed(remote, once(fits as Fits, fault), async (store, direct, requests) => {
          const watched = remote.watch?.();
          const body = kind === "small" || kind === "read" ? small : large;
          assert.equal(await store.write("key", body, { ifAbsent: true }), true);
          assert.ok((await collected(store.read("key"))).equals(body));
          assert.equal(await direct.write("key", Buffer.from("other"), { ifAbsent: true }), false);
          assert.equal(await direct.write("key", large, { ifAbsent: true }), false);
          assert.ok(requests.some(fits as Fits));
          watched?.(requests);
        }));
    }
  }

  test("a read that is cut again and again goes on where it was, and hands out every byte once", () =>
    harmed(
      remote,
      (request) => (isRead(request) ? { cutAnswerAfter: 6 * mebibyte } : undefined),
      async (store, direct, requests) => {
        await direct.write("key", large);
        assert.ok((await collected(store.read("key"))).equals(large));
        const range = { start: 11, end: 10 * mebibyte };
        assert.ok((await collected(store.read("key", { range }))).equals(large.subarray(11, range.end)));
        assert.equal(requests.filter(isRead).length, 4 + 2);
      },
    ));

  test("an object that is replaced while it is read is never mixed with its successor", () =>
    harmed(
      remote,
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

  test("a large write that fails, is cancelled or comes too late leaves nothing in sight", async () => {
    const store = await remote.open(await remote.fresh());
    const watched = remote.watch?.();
    async function* failing() {
      yield large;
      throw new Error("the source has failed");
    }
    await assert.rejects(store.write("a", failing()), /the source has failed/);
    const controller = new AbortController();
    async function* hanging() {
      yield large;
      controller.abort(new Error("no longer wanted"));
      await new Promise<never>(() => {});
    }
    await assert.rejects(store.write("b", hanging(), { signal: controller.signal }), /no longer wanted/);
    async function* overtaken() {
      yield large;
      await store.write("c", Buffer.from("first"));
      yield Buffer.from("end");
    }
    assert.equal(await store.write("c", overtaken(), { ifAbsent: true }), false);
    assert.equal(String(await collected(store.read("c"))), "first");
    assert.deepEqual((await store.list("")).entries, [{ key: "c", size: 5 }]);
    assert.equal(await store.write("a", large, { ifAbsent: true }), true);
    watched?.([]);
  });
}
