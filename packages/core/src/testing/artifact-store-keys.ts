import assert from "node:assert/strict";
import { compareKeys } from "../contracts/byte-order.js";
import type { ArtifactStoreSubject } from "./artifact-store.js";
import { bytesOf, collected } from "./artifact-store-values.js";
import { holds } from "./artifact-store-writes.js";
import type { ConformanceCase } from "./kit.js";

/** Each set is stored together: what an implementation mixes up, it mixes up here. */
const unusual: Readonly<Record<string, readonly string[]>> = {
  "keys that are both an object and a prefix of others": ["a", "a/b", "a/b/c", "a.x", "a.x/b.y", "a.x/b.y/c"],
  "keys that differ by case": ["Key", "key", "KEY", "Dir/a", "dir/a"],
  "keys that differ by Unicode form": ["caf\u00e9", "cafe\u0301", "\u00e9/x", "e\u0301/x", "\u212b", "\u00c5"],
  "keys with spaces, dots and tildes at either end": [
    "a ",
    " a",
    "a",
    "a.",
    ".a",
    "a..",
    "...",
    "a~",
    "~a",
    "a.~",
    "~",
    "a /b",
    "a~/b",
    "a./b",
  ],
  "keys with characters that mean something elsewhere": [
    "a+b",
    "a b",
    "a%20b",
    "a%2Fb",
    "%",
    "%2e%2e",
    "a#b",
    "a?b=c",
    "a&b",
    "'a'",
    '"a"',
    "a`$b`",
    "a*b",
    "[a]",
    "{a}",
    "a\\b",
    "..\\b",
    "c:x",
    "a;b",
    "<a>",
    "a|b",
    "@a",
    "a=b",
    "-rf",
  ],
  "keys that are reserved names somewhere": [
    "con",
    "NUL",
    "aux.txt",
    "lpt1",
    "manifest.json",
    "store.json",
    "tmp",
    "objects",
    "__proto__",
    "constructor",
    ".git",
    "index.html",
  ],
  "keys of all scripts and planes": [
    "Größe",
    "数据/模型",
    "данные",
    "🐧/🐧",
    "\u{10ffff}",
    "\uffee",
    "\u200d",
    "\u202eabc",
  ],
  "very long segments and keys": [
    "x".repeat(900),
    "ü".repeat(400),
    `${"🐧".repeat(100)}.x/y`,
    `${"d".repeat(300)}/${"e".repeat(300)}`,
    `${"d".repeat(300)}/${"f".repeat(299)}`,
    `${"s/".repeat(449)}s`,
  ],
};

const invalid: Readonly<Record<string, readonly string[]>> = {
  "an empty key and empty segments are refused": ["", "/", "/a", "a/", "a//b"],
  "keys that would climb are refused": [".", "..", "../a", "a/..", "a/../b", "./a", "a/.", "a/./b"],
  "keys with control characters are refused": ["a\u0000b", "a\nb", "\u0007", "a\u007f", "a\u0085b"],
  "keys longer than 900 bytes are refused": ["x".repeat(901), "ü".repeat(451)],
  "keys with half a surrogate pair are refused": ["a\ud800b", "\udc00"],
};

export const keyCases: readonly ConformanceCase<ArtifactStoreSubject>[] = [
  ...Object.entries(unusual).map(([name, keys]) => ({
    name: `${name} are stored, listed and deleted as they are`,
    async run({ store }: ArtifactStoreSubject) {
      for (const key of keys) assert.equal(await store.write(key, bytesOf(key), { ifAbsent: true }), true, key);
      for (const key of keys) {
        await holds(store, key, bytesOf(key));
        assert.deepEqual(await store.stat(key), { key, size: Buffer.byteLength(key) });
      }
      const expected = [...keys].sort(compareKeys);
      assert.deepEqual(
        (await store.list("")).entries.map(({ key }) => key),
        expected,
      );
      const [first = "", ...others] = keys;
      await store.delete(first);
      assert.deepEqual(
        (await store.list("")).entries.map(({ key }) => key),
        [...others].sort(compareKeys),
      );
      for (const key of others) await holds(store, key, bytesOf(key));
    },
  })),
  ...Object.entries(invalid).map(([name, keys]) => ({
    name: `${name} with KEY_INVALID by every operation`,
    async run({ store }: ArtifactStoreSubject) {
      for (const key of keys) {
        const refused = { code: "KEY_INVALID" };
        await assert.rejects(async () => store.write(key, bytesOf("x")), refused, `write ${JSON.stringify(key)}`);
        await assert.rejects(async () => collected(store.read(key)), refused, `read ${JSON.stringify(key)}`);
        await assert.rejects(async () => store.stat(key), refused, `stat ${JSON.stringify(key)}`);
        await assert.rejects(async () => store.delete(key), refused, `delete ${JSON.stringify(key)}`);
      }
      assert.deepEqual((await store.list("")).entries, []);
    },
  })),
];
