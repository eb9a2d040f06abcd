import assert from "node:assert/strict";
import type { ArtifactStoreSubject } from "./artifact-store.js";
import { bytesOf, collected, patterned, sameBytes } from "./artifact-store-values.js";
import { holds } from "./artifact-store-writes.js";
import type { ConformanceCase } from "./kit.js";

export const readCases: readonly ConformanceCase<ArtifactStoreSubject>[] = [
  {
    name: "reading what is not there rejects with ARTIFACT_MISSING",
    async run({ store }) {
      await store.write("a/b", bytesOf("x"));
      for (const key of ["a", "a/b/c", "nothing"]) {
        await assert.rejects(collected(store.read(key)), { code: "ARTIFACT_MISSING" });
        await assert.rejects(collected(store.read(key, { range: { start: 0, end: 1 } })), { code: "ARTIFACT_MISSING" });
      }
    },
  },
  {
    name: "a range gives the bytes from its start up to its end, and no other",
    async run({ store }) {
      const body = patterned(2_500_000);
      await store.write("key", body);
      const ranges = [
        [0, 1],
        [1, 2],
        [0, 2_500_000],
        [1_048_575, 1_048_577],
        [300_000, 2_400_001],
        [2_499_999, 2_500_000],
      ];
      for (const [start = 0, end = 0] of ranges) {
        const found = await collected(store.read("key", { range: { start, end } }));
        assert.equal(found.length, end - start, `the length of ${start} to ${end}`);
        assert.ok(sameBytes(found, body.subarray(start, end)), `the bytes of ${start} to ${end} are others`);
      }
    },
  },
  {
    name: "a range without an end goes on to the end of the object",
    async run({ store }) {
      await store.write("key", bytesOf("0123456789"));
      assert.equal(Buffer.from(await collected(store.read("key", { range: { start: 7 } }))).toString(), "789");
    },
  },
  {
    name: "a range ends where the object ends",
    async run({ store }) {
      await store.write("key", bytesOf("0123456789"));
      const found = await collected(store.read("key", { range: { start: 8, end: 100 } }));
      assert.equal(Buffer.from(found).toString(), "89");
    },
  },
  {
    name: "an empty range, and one beyond the end, give no bytes and no error",
    async run({ store }) {
      await store.write("key", bytesOf("0123456789"));
      await store.write("empty", new Uint8Array());
      for (const range of [{ start: 3, end: 3 }, { start: 10 }, { start: 10, end: 12 }, { start: 50, end: 60 }]) {
        assert.equal((await collected(store.read("key", { range }))).length, 0, JSON.stringify(range));
      }
      assert.equal((await collected(store.read("empty", { range: { start: 0, end: 5 } }))).length, 0);
    },
  },
  {
    name: "the pieces that it hands out are not written to again",
    async run({ store }) {
      const body = patterned(5_000_000);
      await store.write("key", body);
      const pieces: Uint8Array[] = [];
      for await (const piece of store.read("key")) pieces.push(piece);
      (pieces[0] as Uint8Array).fill(0);
      await holds(store, "key", body);
      assert.ok(sameBytes(Buffer.concat(pieces.slice(1)), body.subarray(pieces[0]?.length ?? 0)));
    },
  },
  {
    name: "a read that is cancelled rejects with the signal's reason",
    async run({ store }) {
      await store.write("key", patterned(8_000_000));
      const before = AbortSignal.abort(new Error("no longer wanted"));
      await assert.rejects(collected(store.read("key", { signal: before })), /no longer wanted/);
      const controller = new AbortController();
      let seen = 0;
      const reading = (async () => {
        for await (const piece of store.read("key", { signal: controller.signal })) {
          seen += piece.length;
          controller.abort(new Error("no longer wanted"));
        }
      })();
      await assert.rejects(reading, /no longer wanted/);
      assert.ok(seen < 8_000_000, "all of it was handed out before the cancellation was seen");
    },
  },
  {
    name: "a reader may stop before the end, and the object can be deleted and written then",
    async run({ store }) {
      await store.write("key", patterned(4_000_000));
      for await (const _ of store.read("key")) break;
      await store.delete("key");
      await store.write("key", bytesOf("again"));
      await holds(store, "key", bytesOf("again"));
    },
  },
  {
    name: "stat gives key and size, and undefined where nothing is",
    async run({ store }) {
      await store.write("a/b", bytesOf("12345"));
      assert.deepEqual(await store.stat("a/b"), { key: "a/b", size: 5 });
      for (const key of ["a", "a/b/c", "a/", "b"].filter((key) => !key.endsWith("/"))) {
        assert.equal(await store.stat(key), undefined, key);
      }
    },
  },
  {
    name: "what was deleted is gone, and deleting it again succeeds",
    async run({ store }) {
      await store.write("a/b", bytesOf("x"));
      await store.write("a/c", bytesOf("y"));
      await store.delete("a/b");
      await store.delete("a/b");
      await store.delete("never/there");
      await store.delete("a");
      assert.equal(await store.stat("a/b"), undefined);
      await assert.rejects(collected(store.read("a/b")), { code: "ARTIFACT_MISSING" });
      assert.deepEqual((await store.list("")).entries, [{ key: "a/c", size: 1 }]);
      assert.equal(await store.write("a/b", bytesOf("z"), { ifAbsent: true }), true);
    },
  },
  {
    name: "stat, list and delete keep to a signal that has fired",
    async run({ store }) {
      await store.write("key", bytesOf("x"));
      const signal = AbortSignal.abort(new Error("no longer wanted"));
      await assert.rejects(store.stat("key", { signal }), /no longer wanted/);
      await assert.rejects(store.list("", { signal }), /no longer wanted/);
      await assert.rejects(store.delete("key", { signal }), /no longer wanted/);
      assert.equal((await store.stat("key"))?.size, 1);
    },
  },
  {
    name: "a uri says where an object lies, another for each key",
    async run({ store }) {
      assert.match(store.uri("a/b"), /b/);
      assert.notEqual(store.uri("a/b"), store.uri("a/B"));
    },
  },
  {
    name: "another store on the same root sees every completed write and delete",
    async run({ store, openAgain }) {
      if (!openAgain) return;
      const other = await openAgain();
      await store.write("a/b", bytesOf("x"));
      await holds(other, "a/b", bytesOf("x"));
      assert.deepEqual((await other.list("")).entries, [{ key: "a/b", size: 1 }]);
      await other.write("a/b", bytesOf("yz"));
      await holds(store, "a/b", bytesOf("yz"));
      await other.delete("a/b");
      assert.equal(await store.stat("a/b"), undefined);
    },
  },
];
