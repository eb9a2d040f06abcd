import assert from "node:assert/strict";
import { compareKeys } from "@tenon/core";
import { test } from "vitest";
import { BlobNames } from "./blob-names.js";
import { pack, packPrefix, unpack } from "./packed-key.js";

const keys = [
  "a",
  "a.",
  "ab",
  "a/b",
  "ü",
  "🐧",
  "\u{10ffff}",
  "\uffee",
  "x".repeat(900),
  "ü".repeat(450),
  `${"s/".repeat(449)}s`,
  "~packed/a",
  "con ",
];

test("packed keys come back, keep their order and their prefixes, and fit into a name", () => {
  const sorted = [...keys].sort(compareKeys);
  assert.deepEqual([...keys].map(pack).sort().map(unpack), sorted);
  for (const key of keys) {
    assert.ok(pack(key).length <= 600);
    for (let length = 0; length <= Math.min(key.length, 20); length += 1) {
      const prefix = key.slice(0, length);
      if (/[\ud800-\udbff]$/.test(prefix)) continue;
      assert.ok(pack(key).startsWith(packPrefix(prefix)), `${key} after ${length}`);
    }
  }
});

test("a plain key is its own name, each key has one name, and what others put there has no key", () => {
  const names = new BlobNames("team/");
  assert.equal(names.name("artifacts/model/01J/value.json"), "team/artifacts/model/01J/value.json");
  assert.equal(names.name("Größe/数据"), "team/Größe/数据");
  assert.equal(new Set(keys.map((key) => names.name(key))).size, keys.length);
  for (const key of keys) {
    const found = names.kinds.map((kind) =>
      names.name(key).startsWith(kind.prefix("")) ? kind.key(names.name(key)) : undefined,
    );
    assert.deepEqual(
      found.filter((each) => each !== undefined),
      [key],
    );
  }
  for (const name of ["team/folder/", "team/a\\b", "team/"]) assert.equal(names.kinds[0]?.key(name), undefined);
});
