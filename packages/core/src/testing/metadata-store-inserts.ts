import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { ConformanceCase } from "./kit.js";
import type { MetadataStoreSubject } from "./metadata-store.js";

/** What everything that several processes decide rests on. */
export const insertCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  {
    name: "insert writes all of its records if none of their keys is there",
    async run({ store }) {
      assert.deepEqual(await store.insert([record("b"), record("a"), record("c")]), { inserted: true });
      assert.deepEqual(await store.getMany(["a", "b", "c"]), ["a", "b", "c"]);
    },
  },
  {
    name: "insert writes nothing if one of its keys is there, and names it",
    async run({ store }) {
      await store.insert([record("m")]);
      const result = await store.insert([record("a"), record("m", "changed"), record("z")]);
      assert.deepEqual(result, { inserted: false, existing: ["m"] });
      assert.deepEqual(await store.getMany(["a", "m", "z"]), [undefined, "m", undefined]);
    },
  },
  {
    name: "insert names only keys that it was given and that are there",
    async run({ store }) {
      await store.insert([record("a"), record("b"), record("c")]);
      const result = await store.insert([record("a1"), record("b"), record("c"), record("d")]);
      assert.ok(!result.inserted);
      assert.ok(result.existing.length > 0, "it names no key");
      for (const key of result.existing) assert.ok(["b", "c"].includes(key), `it names '${key}'`);
    },
  },
  {
    name: "insert writes nothing if one of its keys is refused",
    async run({ store }) {
      await assert.rejects(store.insert([record("a"), record("b\0"), record("c")]), { code: "KEY_INVALID" });
      assert.deepEqual(await store.getMany(["a", "c"]), [undefined, undefined]);
    },
  },
  {
    name: "insert refuses to take one key twice",
    async run({ store }) {
      await assert.rejects(store.insert([record("a", "1"), record("b"), record("a", "2")]), { code: "KEY_INVALID" });
      assert.deepEqual(await store.getMany(["a", "b"]), [undefined, undefined]);
    },
  },
  {
    name: "a key that was deleted can be inserted again",
    async run({ store }) {
      await store.insert([record("a", "1")]);
      await store.delete(["a"]);
      assert.deepEqual(await store.insert([record("a", "2")]), { inserted: true });
      assert.equal(await store.get("a"), "2");
    },
  },
  {
    name: "of concurrent inserts of one key exactly one succeeds, and its value stays",
    async run({ store }) {
      for (let round = 0; round < 20; round++) {
        const key = `race/${round}`;
        const tries = Array.from({ length: 16 }, (_, index) => store.insert([record(key, `${index}`)]));
        const results = await Promise.all(tries);
        const winners = results.flatMap(({ inserted }, index) => (inserted ? [index] : []));
        assert.equal(winners.length, 1, `${winners.length} of 16 inserts of one key succeeded`);
        assert.equal(await store.get(key), `${winners[0]}`);
      }
    },
  },
  {
    name: "of concurrent inserts that overlap those that lose leave nothing behind",
    async run({ store }) {
      for (let round = 0; round < 10; round++) {
        const tries = Array.from({ length: 12 }, (_, index) => {
          const own = [record(`own/${round}/${index}/a`), record(`own/${round}/${index}/z`)];
          // Neighbours share a key, in different places, so that none can be decided by its first key alone.
          const shared = [record(`shared/${round}/${index}`), record(`shared/${round}/${(index + 1) % 12}`)];
          const records = [...own, ...shared];
          return store.insert(index % 2 ? records : records.reverse());
        });
        const results = await Promise.all(tries);
        for (const [index, { inserted }] of results.entries()) {
          const left = await store.scan(`own/${round}/${index}/`);
          assert.equal(
            left.length,
            inserted ? 2 : 0,
            `an insert that ${inserted ? "won" : "lost"} left ${left.length}`,
          );
          const next = results[(index + 1) % 12];
          assert.ok(!(inserted && next?.inserted), "two inserts of one key succeeded");
        }
        assert.ok(
          results.some(({ inserted }) => inserted),
          "every insert lost",
        );
      }
    },
  },
  {
    name: "insert writes twenty thousand records at once, or none of them",
    async run({ store }) {
      const records = Array.from({ length: 20_000 }, (_, index) => record(`bulk/${String(index).padStart(6, "0")}`));
      const last = record("bulk/019999", "there before");
      await store.insert([last]);
      assert.equal((await store.insert(records)).inserted, false);
      assert.deepEqual(await store.scan("bulk/"), [last]);
      await store.delete([last.key]);
      assert.deepEqual(await store.insert(records), { inserted: true });
      // No assert.deepEqual: from Node 22 on, telling how twenty thousand records differ takes it minutes.
      const stored = await store.scan("bulk/", { limit: 30_000 });
      assert.ok(isDeepStrictEqual(stored, records), "a scan gives other records than were inserted");
    },
  },
];

function record(key: string, value = key) {
  return { key, value };
}
