import assert from "node:assert/strict";
import type { MetadataStore, ScanOptions } from "../contracts/metadata-store.js";
import type { ConformanceCase } from "./kit.js";
import type { MetadataStoreSubject } from "./metadata-store.js";

/** In the order of their bytes in UTF-8, which puts astral characters after all others. */
const ordered = ["k/", "k/!", "k/-", "k/0", "k/10", "k/2", "k/A", "k/Z", "k/_", "k/a", "k/a ", "k/a/b", "k/aa"];
ordered.push("k/z", "k/~", "k/e\u0301", "k/é", "k/東", "k/\ue000", "k/\uffee", "k/😀", "k/\u{10ffff}");
ordered.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Lists in the order of the keys. */
export const scanCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  {
    name: "scan lists keys in the order of their bytes",
    async run({ store }) {
      await put(store, ordered.toReversed());
      assert.deepEqual(await keys(store, "k/"), ordered);
    },
  },
  {
    name: "scan lists them backwards if it is reversed",
    async run({ store }) {
      await put(store, ordered);
      assert.deepEqual(await keys(store, "k/", { reverse: true }), ordered.toReversed());
    },
  },
  {
    name: "scan gives each key with its own value",
    async run({ store }) {
      await store.put([
        { key: "k/a", value: "1" },
        { key: "k/b", value: "2" },
      ]);
      const expected = [
        { key: "k/a", value: "1" },
        { key: "k/b", value: "2" },
      ];
      assert.deepEqual(await store.scan("k/"), expected);
    },
  },
  {
    name: "scan leaves out what does not begin with the prefix",
    async run({ store }) {
      await put(store, ["j", "k", "k.", "k/", "k/a", "k/\u{10ffff}", "k0", "K/a", "kk", "l", "/k/a"]);
      assert.deepEqual(await keys(store, "k/"), ["k/", "k/a", "k/\u{10ffff}"]);
      assert.deepEqual(await keys(store, "none/"), []);
    },
  },
  {
    name: "scan takes wildcards in a prefix for what they are",
    async run({ store }) {
      await put(store, ["a%b/1", "aXb/1", "a_b/1", "a*b/1", "a?b/1", "a[b]/1", "ab/1", "a\\b/1", "a\\%b/1"]);
      for (const prefix of ["a%b/", "a_b/", "a*b/", "a?b/", "a[b]/", "a\\b/", "a\\%b/"]) {
        assert.deepEqual(await keys(store, prefix), [`${prefix}1`]);
      }
    },
  },
  {
    name: "scan of a prefix that ends in the last characters there are finds its keys",
    async run({ store }) {
      await put(store, [
        "a\ud7ff",
        "a\ud7ffb",
        "a\ue000",
        "b\u{10ffff}",
        "b\u{10ffff}c",
        "c",
        "\u{10ffff}",
        "\u{10ffff}a",
      ]);
      assert.deepEqual(await keys(store, "a\ud7ff"), ["a\ud7ff", "a\ud7ffb"]);
      assert.deepEqual(await keys(store, "b\u{10ffff}"), ["b\u{10ffff}", "b\u{10ffff}c"]);
      assert.deepEqual(await keys(store, "\u{10ffff}"), ["\u{10ffff}", "\u{10ffff}a"]);
    },
  },
  {
    name: "scan of an empty prefix lists everything",
    async run({ store }) {
      await put(store, [...ordered, "a", "\u{10ffff}z"]);
      assert.deepEqual(await keys(store, ""), ["a", ...ordered, "\u{10ffff}z"]);
      assert.deepEqual(await keys(store, "", { reverse: true, limit: 2 }), ["\u{10ffff}z", ordered.at(-1)]);
    },
  },
  {
    name: "scan goes on after a key, whether it is there or not",
    async run({ store }) {
      await put(store, ["k/a", "k/b", "k/c", "l"]);
      assert.deepEqual(await keys(store, "k/", { after: "k/a" }), ["k/b", "k/c"]);
      assert.deepEqual(await keys(store, "k/", { after: "k/aa" }), ["k/b", "k/c"]);
      assert.deepEqual(await keys(store, "k/", { after: "a" }), ["k/a", "k/b", "k/c"]);
      assert.deepEqual(await keys(store, "k/", { after: "k/c" }), []);
      assert.deepEqual(await keys(store, "k/", { after: "z" }), []);
      assert.deepEqual(await keys(store, "k/c", { after: "k/c" }), []);
    },
  },
  {
    name: "scan that is reversed goes on before a key",
    async run({ store }) {
      await put(store, ["j", "k/a", "k/b", "k/c", "l"]);
      assert.deepEqual(await keys(store, "k/", { reverse: true, after: "k/c" }), ["k/b", "k/a"]);
      assert.deepEqual(await keys(store, "k/", { reverse: true, after: "k/bb" }), ["k/b", "k/a"]);
      assert.deepEqual(await keys(store, "k/", { reverse: true, after: "z" }), ["k/c", "k/b", "k/a"]);
      assert.deepEqual(await keys(store, "k/", { reverse: true, after: "k/a" }), []);
      assert.deepEqual(await keys(store, "k/", { reverse: true, after: "a" }), []);
    },
  },
  {
    name: "scan gives no more than the limit, from the right end",
    async run({ store }) {
      await put(store, ["k/a", "k/b", "k/c", "k/d"]);
      assert.deepEqual(await keys(store, "k/", { limit: 2 }), ["k/a", "k/b"]);
      assert.deepEqual(await keys(store, "k/", { limit: 2, reverse: true }), ["k/d", "k/c"]);
      assert.deepEqual(await keys(store, "k/", { limit: 1, after: "k/b" }), ["k/c"]);
      assert.deepEqual(await keys(store, "k/", { limit: 9 }), ["k/a", "k/b", "k/c", "k/d"]);
    },
  },
  {
    name: "scan gives a thousand records if no limit is set",
    async run({ store }) {
      await put(store, numbered(1203));
      assert.deepEqual(await keys(store, "k/"), numbered(1203).slice(0, 1000));
      assert.equal((await keys(store, "k/", { limit: 5000 })).length, 1203);
    },
  },
  {
    name: "page by page scan lists every record once, in both directions",
    async run({ store }) {
      const all = numbered(101);
      await put(store, all);
      assert.deepEqual(await paged(store, {}), all);
      assert.deepEqual(await paged(store, { reverse: true }), all.toReversed());
    },
  },
  {
    name: "what stays while others write is listed once, page by page",
    async run({ store, openAgain }) {
      const other = (await openAgain?.()) ?? store;
      const staying = numbered(100);
      await put(store, staying);
      let writing = true;
      const writer = (async () => {
        for (let round = 0; writing; round++) {
          await put(other, [`k/${String(round % 100).padStart(6, "0")}/${round}`, `k/${round}`]);
          await other.delete([`k/${round - 1}`]);
          await new Promise(setImmediate);
        }
      })();
      try {
        for (let round = 0; round < 5; round++) {
          const found = await paged(store, {});
          const wanted = new Set(staying);
          assert.deepEqual(
            found,
            found.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
          );
          assert.deepEqual(
            found.filter((key) => wanted.has(key)),
            staying,
          );
          assert.equal(new Set(found).size, found.length);
        }
      } finally {
        writing = false;
        await writer;
        if (other !== store) await other.dispose?.();
      }
    },
  },
];

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `k/${String(index).padStart(6, "0")}`);
}

async function put(store: MetadataStore, names: readonly string[]): Promise<void> {
  await store.put(names.map((key) => ({ key, value: key })));
}

async function keys(store: MetadataStore, prefix: string, options?: ScanOptions): Promise<string[]> {
  const records = await store.scan(prefix, options);
  return records.map(({ key }) => key);
}

async function paged(store: MetadataStore, options: ScanOptions): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const after = found.at(-1);
    const page = await keys(store, "k/", { ...options, limit: 7, ...(after === undefined ? {} : { after }) });
    found.push(...page);
    assert.ok(found.length < 10_000, "the pages come to no end");
    if (page.length === 0) return found;
  }
}
