import assert from "node:assert/strict";
import type { ArtifactStore, WriteOptions } from "../contracts/artifact-store.js";
import type { ArtifactStoreSubject } from "./artifact-store.js";
import { bytesOf, collected, inPieces, patterned, sameBytes } from "./artifact-store-values.js";
import type { ConformanceCase } from "./kit.js";

const mebibyte = 1024 * 1024;
const old = bytesOf("the old object, which is longer than the new one");

export const writeCases: readonly ConformanceCase<ArtifactStoreSubject>[] = [
  {
    name: "what was written is read",
    async run({ store }) {
      assert.equal(await store.write("a/b.txt", bytesOf("hello")), true);
      await holds(store, "a/b.txt", bytesOf("hello"));
    },
  },
  {
    name: "an empty object is an object, from bytes and from a stream",
    async run({ store }) {
      await store.write("bytes", new Uint8Array());
      await store.write("stream", inPieces(new Uint8Array()));
      for (const key of ["bytes", "stream"]) {
        await holds(store, key, new Uint8Array());
        assert.deepEqual(await store.stat(key), { key, size: 0 });
      }
    },
  },
  {
    name: "a body in pieces of odd lengths arrives whole and in order",
    async run({ store }) {
      const body = patterned(3 * mebibyte + 11);
      await store.write("pieces", inPieces(body));
      await holds(store, "pieces", body);
    },
  },
  {
    name: "a body may use one buffer for all its pieces",
    async run({ store }) {
      const body = patterned(400_000);
      async function* pieces() {
        const buffer = new Uint8Array(50_000);
        for (let start = 0; start < body.length; start += buffer.length) {
          buffer.set(body.subarray(start, start + buffer.length));
          yield buffer;
        }
      }
      await store.write("reused", pieces());
      await holds(store, "reused", body);
    },
  },
  {
    name: "a view of a larger buffer is written without its surroundings",
    async run({ store }) {
      const around = patterned(1000);
      await store.write("view", around.subarray(100, 200));
      await holds(store, "view", around.slice(100, 200));
    },
  },
  {
    name: "a body of 32 MiB is streamed and comes back as it was",
    async run({ store }) {
      const piece = patterned(mebibyte + 3);
      async function* body() {
        for (let count = 0; count < 32; count += 1) yield piece;
      }
      await store.write("large", body());
      let position = 0;
      for await (const found of store.read("large")) {
        for (let offset = 0; offset < found.length; ) {
          const within = position % piece.length;
          const length = Math.min(piece.length - within, found.length - offset);
          const expected = piece.subarray(within, within + length);
          assert.ok(sameBytes(found.subarray(offset, offset + length), expected), `it differs after byte ${position}`);
          offset += length;
          position += length;
        }
      }
      assert.equal(position, 32 * piece.length);
    },
  },
  {
    name: "a second write replaces the whole object",
    async run({ store }) {
      await store.write("key", old);
      assert.equal(await store.write("key", bytesOf("new")), true);
      await holds(store, "key", bytesOf("new"));
      assert.deepEqual(await store.stat("key"), { key: "key", size: 3 });
    },
  },
  {
    name: "a reader sees nothing of an object before it is whole",
    async run({ store }) {
      await halfWritten(store, "new", {}, async () => {
        assert.equal(await store.stat("new"), undefined);
        assert.deepEqual((await store.list("")).entries, []);
        await assert.rejects(collected(store.read("new")), { code: "ARTIFACT_MISSING" });
      });
      assert.equal((await collected(store.read("new"))).length, 2 * mebibyte);
    },
  },
  {
    name: "a reader sees the old object until the new one is whole",
    async run({ store }) {
      await store.write("key", old);
      await halfWritten(store, "key", {}, () => holds(store, "key", old));
      assert.equal((await collected(store.read("key"))).length, 2 * mebibyte);
    },
  },
  {
    name: "a body that fails leaves nothing, and the old object where it was",
    async run({ store }) {
      async function* failing() {
        yield patterned(2 * mebibyte);
        throw new Error("the source has failed");
      }
      await store.write("old", old);
      await assert.rejects(store.write("new", failing()), /the source has failed/);
      await assert.rejects(store.write("old", failing()), /the source has failed/);
      assert.equal(await store.stat("new"), undefined);
      assert.equal((await store.list("")).entries.length, 1);
      await holds(store, "old", old);
    },
  },
  {
    name: "a write that is cancelled leaves nothing, even if its body hangs",
    async run({ store }) {
      await store.write("old", old);
      for (const key of ["old", "new"]) {
        const controller = new AbortController();
        async function* hanging() {
          yield patterned(mebibyte);
          controller.abort(new Error("no longer wanted"));
          await new Promise<never>(() => {});
        }
        const write = store.write(key, hanging(), { signal: controller.signal });
        await assert.rejects(write, /no longer wanted/);
      }
      assert.equal(await store.stat("new"), undefined);
      await holds(store, "old", old);
    },
  },
  {
    name: "a write that was cancelled before it starts does not start",
    async run({ store }) {
      const write = store.write("key", bytesOf("x"), { signal: AbortSignal.abort(new Error("no longer wanted")) });
      await assert.rejects(write, /no longer wanted/);
      assert.equal(await store.stat("key"), undefined);
    },
  },
  {
    name: "ifAbsent writes where nothing is and says so, and leaves alone what is there",
    async run({ store }) {
      assert.equal(await store.write("key", old, { ifAbsent: true }), true);
      assert.equal(await store.write("key", bytesOf("new"), { ifAbsent: true }), false);
      assert.equal(await store.write("key", inPieces(bytesOf("new")), { ifAbsent: true }), false);
      await holds(store, "key", old);
    },
  },
  {
    name: "of many concurrent ifAbsent writers exactly one succeeds, and its object is the one that stays",
    async run({ store, openAgain }) {
      const stores = [store, ...(openAgain ? [await openAgain()] : [])];
      for (const large of [false, true]) {
        const key = `race/${large}`;
        const bodies = Array.from({ length: 24 }, (_, index) => patterned(large ? 300_000 : 50, index + 1));
        const won = await Promise.all(
          bodies.map((body, index) => {
            const writer = stores[index % stores.length] ?? store;
            return writer.write(key, large ? inPieces(body) : body, { ifAbsent: true });
          }),
        );
        assert.equal(won.filter(Boolean).length, 1);
        await holds(store, key, bodies[won.indexOf(true)] as Uint8Array);
      }
    },
  },
  {
    name: "ifAbsent counts at the end: it never replaces what was written while its body came",
    async run({ store }) {
      const written = await halfWritten(store, "key", { ifAbsent: true }, async () => {
        await store.write("key", old);
      });
      assert.equal(written, false);
      await holds(store, "key", old);
    },
  },
  {
    name: "of concurrent writers to one key one wins whole",
    async run({ store }) {
      const bodies = Array.from({ length: 8 }, (_, index) => patterned(200_000 + index * 1000, index + 1));
      await Promise.all(bodies.map((body) => store.write("key", inPieces(body))));
      const found = await collected(store.read("key"));
      assert.ok(bodies.some((body) => sameBytes(body, found)));
    },
  },
];

/** Does something in the middle of a write of 2 MiB. */
async function halfWritten(store: ArtifactStore, key: string, options: WriteOptions, act: () => Promise<void>) {
  async function* body() {
    yield patterned(mebibyte);
    await act();
    yield patterned(mebibyte);
  }
  return store.write(key, body(), options);
}

export async function holds(store: ArtifactStore, key: string, expected: Uint8Array): Promise<void> {
  const found = await collected(store.read(key));
  assert.equal(found.length, expected.length, `the length of ${JSON.stringify(key)}`);
  assert.ok(sameBytes(found, expected), `the bytes of ${JSON.stringify(key)} are others`);
}
