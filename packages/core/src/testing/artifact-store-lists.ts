import assert from "node:assert/strict";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import { compareKeys } from "../contracts/byte-order.js";
import type { ArtifactStoreSubject } from "./artifact-store.js";
import { bytesOf } from "./artifact-store-values.js";
import type { ConformanceCase } from "./kit.js";

const mixed = ["a", "a-b", "a.b", "a/b", "a/b-c", "a/b/c", "a0", "ab", "ab/c", "b", "ä", "z/1", "\uffee", "🐧"];

export const listCases: readonly ConformanceCase<ArtifactStoreSubject>[] = [
  {
    name: "a store without objects lists none",
    async run({ store }) {
      assert.deepEqual(await store.list(""), { entries: [] });
      assert.deepEqual(await store.list("a/b"), { entries: [] });
    },
  },
  {
    name: "entries have the sizes of their objects",
    async run({ store }) {
      await store.write("a", bytesOf("1"));
      await store.write("b/c", bytesOf("four"));
      assert.deepEqual((await store.list("")).entries, [
        { key: "a", size: 1 },
        { key: "b/c", size: 4 },
      ]);
    },
  },
  {
    name: "keys come in the order of their bytes",
    async run({ store }) {
      await fill(store, mixed);
      assert.deepEqual(await keys(store, ""), [...mixed].sort(compareKeys));
    },
  },
  {
    name: "a prefix is a string: it need not end at a segment",
    async run({ store }) {
      await fill(store, mixed);
      for (const prefix of [
        "a",
        "a/",
        "a/b",
        "a/b/",
        "ab",
        "z",
        "z/",
        "z/1",
        "z/1/",
        "ä",
        "🐧",
        "c",
        "a/b/c/d",
        "/",
        "//",
        "../",
        ".",
        "b/..",
      ]) {
        const expected = mixed.filter((key) => key.startsWith(prefix)).sort(compareKeys);
        assert.deepEqual(await keys(store, prefix), expected, `the prefix ${JSON.stringify(prefix)}`);
      }
    },
  },
  {
    name: "after leaves out all keys up to and with it, whether or not it is one",
    async run({ store }) {
      await fill(store, mixed);
      for (const after of [...mixed, "a/", "a/a", "a/b/", "a/zzz", "", "0", "zz", "\u{10ffff}"]) {
        for (const prefix of ["", "a", "a/b"]) {
          const expected = mixed.filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
          assert.deepEqual(await keys(store, prefix, { after }), expected.sort(compareKeys), `after ${after}`);
        }
      }
    },
  },
  {
    name: "pages of any size put together are the whole list, each key once",
    async run({ store }) {
      await fill(store, mixed);
      for (const limit of [1, 2, 3, mixed.length, 100]) {
        const found: string[] = [];
        let after: string | undefined;
        do {
          const page = await store.list("", { limit, ...(after !== undefined && { after }) });
          assert.ok(page.entries.length <= limit, "a page is longer than its limit");
          found.push(...page.entries.map(({ key }) => key));
          assert.ok(found.length <= mixed.length, "paging does not end");
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(found, [...mixed].sort(compareKeys), `with pages of ${limit}`);
      }
    },
  },
  {
    name: "the last page has no next, even if it is full",
    async run({ store }) {
      await fill(store, ["a", "b", "c/d"]);
      assert.equal((await store.list("", { limit: 3 })).next, undefined);
      assert.notEqual((await store.list("", { limit: 2 })).next, undefined);
    },
  },
  {
    name: "without a limit a page has at most 1,000 entries, and the next page goes on",
    async run({ store }) {
      const many = Array.from({ length: 1105 }, (_, index) => `n${index % 7}/${String(index).padStart(5, "0")}`);
      await fill(store, many);
      const first = await store.list("");
      assert.equal(first.entries.length, 1000);
      const second = await store.list("", { after: first.next as string });
      assert.equal(second.next, undefined);
      assert.deepEqual(
        [...first.entries, ...second.entries].map(({ key }) => key),
        many.sort(compareKeys),
      );
    },
  },
];

async function fill(store: ArtifactStore, wanted: readonly string[]): Promise<void> {
  for (let start = 0; start < wanted.length; start += 50) {
    await Promise.all(wanted.slice(start, start + 50).map((key) => store.write(key, bytesOf(key))));
  }
}

async function keys(store: ArtifactStore, prefix: string, options: { after?: string } = {}): Promise<string[]> {
  return (await store.list(prefix, options)).entries.map(({ key }) => key);
}
