import assert from "node:assert/strict";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { ConformanceCase } from "./kit.js";
import type { MetadataStoreSubject } from "./metadata-store.js";

/** Which keys are kept, and kept apart. */
export const keyCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  {
    name: "unusual keys are kept as they are",
    async run({ store }) {
      const keys = [
        "/",
        "//a",
        "..",
        "../../a",
        "a/../b",
        ".",
        " a b ",
        "C:\\a",
        "a:b",
        "'\"`",
        "?",
        "$1",
        "😀/東京",
        "\u{10ffff}",
      ];
      keys.push("a".repeat(250), `${"é".repeat(124)}aa`, "__proto__", "constructor", "null", "\u00a0", "\ufeffa");
      await inserted(store, keys);
      for (const key of keys) assert.equal(await store.get(key), key);
      assert.deepEqual(await store.getMany(keys), keys);
      const found = await store.scan("");
      assert.deepEqual(new Set(found.map(({ key }) => key)), new Set(keys));
    },
  },
  {
    name: "keys that no store could keep are refused",
    async run({ store }) {
      const keys = [
        "",
        "a".repeat(251),
        "é".repeat(126),
        "a\0",
        "a\nb",
        "\t",
        "a\u007f",
        "a\u0085",
        "a\ud800",
        "\udc00a",
      ];
      for (const key of keys) {
        const refused = { code: "KEY_INVALID" };
        const text = JSON.stringify(key);
        await assert.rejects(store.get(key), refused, `get of ${text}`);
        await assert.rejects(store.getMany(["a", key]), refused, `getMany of ${text}`);
        await assert.rejects(store.put([{ key, value: "1" }]), refused, `put of ${text}`);
        await assert.rejects(store.insert([{ key, value: "1" }]), refused, `insert of ${text}`);
        await assert.rejects(store.delete([key]), refused, `delete of ${text}`);
        if (key !== "") await assert.rejects(store.scan(key), refused, `scan of ${text}`);
      }
      assert.deepEqual(await store.scan(""), []);
    },
  },
  {
    name: "keys that differ by case are different",
    run: ({ store }) => keptApart(store, ["key", "KEY", "Key", "straße", "STRASSE", "strasse", "i", "I", "İ", "ı"]),
  },
  {
    name: "keys that differ by an accent, or by how it is written, are different",
    run: ({ store }) =>
      keptApart(store, ["resume", "résumé", "re\u0301sume\u0301", "Å", "A\u030a", "\u212b", "ﬁ", "fi"]),
  },
  {
    name: "keys that differ by a space at the end are different",
    run: ({ store }) => keptApart(store, ["a", "a ", "a  ", " a", "a\u00a0", "a\u3000"]),
  },
];

async function keptApart(store: MetadataStore, keys: readonly string[]): Promise<void> {
  await inserted(store, keys);
  assert.deepEqual(await store.getMany(keys), keys);
  await store.put([{ key: keys[0] as string, value: "changed" }]);
  await store.delete([keys[1] as string]);
  const left = keys.map((key, index) => (index === 0 ? "changed" : index === 1 ? undefined : key));
  assert.deepEqual(await store.getMany(keys), left);
}

async function inserted(store: MetadataStore, keys: readonly string[]): Promise<void> {
  assert.deepEqual(await store.insert(keys.map((key) => ({ key, value: key }))), { inserted: true });
}
