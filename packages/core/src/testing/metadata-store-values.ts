import assert from "node:assert/strict";
import type { ConformanceCase } from "./kit.js";
import type { MetadataStoreSubject } from "./metadata-store.js";

const mebibyte = 1024 * 1024;

/** Reading, writing over, deleting. */
export const valueCases: readonly ConformanceCase<MetadataStoreSubject>[] = [
  {
    name: "a key that was never written has no value",
    async run({ store }) {
      assert.equal(await store.get("nothing"), undefined);
      await store.put([{ key: "something", value: "1" }]);
      assert.equal(await store.get("nothing"), undefined);
    },
  },
  {
    name: "a value is read back character by character",
    async run({ store }) {
      const values = ["{}", "'; DROP TABLE records; --", 'a"b\\c`d', "line\nline\r\nline\ttab", "\0before\0after\0"];
      values.push(
        "é e\u0301 ß İ 東京 😀 \u{10ffff} \ufffd \ufeff",
        "?  $1 :name @p %s %_",
        "  spaces around  ",
        "null",
      );
      await store.put(values.map((value, index) => ({ key: `value/${index}`, value })));
      for (const [index, value] of values.entries()) assert.equal(await store.get(`value/${index}`), value);
    },
  },
  {
    name: "an empty value is a value",
    async run({ store }) {
      await store.put([{ key: "empty", value: "" }]);
      assert.equal(await store.get("empty"), "");
      assert.deepEqual(await store.getMany(["empty"]), [""]);
      assert.deepEqual(await store.scan("empty"), [{ key: "empty", value: "" }]);
      assert.equal((await store.insert([{ key: "empty", value: "1" }])).inserted, false);
    },
  },
  {
    name: "a value can have a MiB, and 16 MiB",
    async run({ store }) {
      for (const size of [mebibyte + 1, 16 * mebibyte]) {
        const value = "0123456789abcdef".repeat(size / 16 + 1).slice(0, size);
        await store.put([{ key: "large", value }]);
        const found = await store.get("large");
        assert.equal(found?.length, size);
        assert.ok(found === value, `a value of ${size} characters came back changed`);
      }
    },
  },
  {
    name: "put writes over what was there",
    async run({ store }) {
      await store.put([{ key: "a", value: "1" }]);
      await store.put([
        { key: "a", value: "2" },
        { key: "b", value: "3" },
      ]);
      assert.deepEqual(await store.getMany(["a", "b"]), ["2", "3"]);
    },
  },
  {
    name: "put writes nothing if one of its keys is refused",
    async run({ store }) {
      const records = ["a", "b\n", "c"].map((key) => ({ key, value: "1" }));
      await assert.rejects(store.put(records), { code: "KEY_INVALID" });
      assert.deepEqual(await store.getMany(["a", "c"]), [undefined, undefined]);
    },
  },
  {
    name: "getMany answers in the order asked for, with gaps and repetitions",
    async run({ store }) {
      await store.put(["c", "a", "b"].map((key) => ({ key, value: key.toUpperCase() })));
      const found = await store.getMany(["b", "none", "c", "b", "a", "none"]);
      assert.deepEqual(found, ["B", undefined, "C", "B", "A", undefined]);
    },
  },
  {
    name: "getMany answers thousands of keys",
    async run({ store }) {
      const records = Array.from({ length: 3000 }, (_, index) => ({ key: `many/${index}`, value: `${index}` }));
      await store.put(records);
      const keys = records.flatMap(({ key }) => [key, `${key}/none`]).reverse();
      const expected = records.flatMap(({ value }) => [value, undefined]).reverse();
      assert.deepEqual(await store.getMany(keys), expected);
    },
  },
  {
    name: "put, insert, getMany and delete of nothing do nothing",
    async run({ store }) {
      await store.put([{ key: "a", value: "1" }]);
      await store.put([]);
      assert.deepEqual(await store.insert([]), { inserted: true });
      assert.deepEqual(await store.getMany([]), []);
      await store.delete([]);
      assert.deepEqual(await store.scan(""), [{ key: "a", value: "1" }]);
    },
  },
  {
    name: "delete removes the keys that it is given, and no others",
    async run({ store }) {
      const keys = ["a", "a/b", "A", "a%", "aa", "b"];
      await store.put(keys.map((key) => ({ key, value: key })));
      await store.delete(["a", "b"]);
      await store.delete(["a%"]);
      assert.deepEqual(await store.getMany(keys), [undefined, "a/b", "A", undefined, "aa", undefined]);
    },
  },
  {
    name: "delete does not mind keys that are not there",
    async run({ store }) {
      await store.put([{ key: "a", value: "1" }]);
      await store.delete(["none", "a", "a"]);
      await store.delete(["a"]);
      assert.equal(await store.get("a"), undefined);
    },
  },
  {
    name: "delete removes nothing if one of its keys is refused",
    async run({ store }) {
      await store.put([{ key: "a", value: "1" }]);
      await assert.rejects(store.delete(["a", ""]), { code: "KEY_INVALID" });
      assert.equal(await store.get("a"), "1");
    },
  },
];
