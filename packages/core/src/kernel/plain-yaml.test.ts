import { expect, test } from "vitest";
import { parse } from "yaml";
import { readPlainYaml } from "./plain-yaml.js";

const plain = [
  "",
  "project: penguins\n",
  "# settings\nproject: penguins # of Palmer\n\nstack: local",
  [
    "project: test",
    "stacks:",
    "  local:",
    "    orchestrator: local/local",
    "    artifactStore: local/filesystem",
    "    metadataStore:",
    "      flavor: local/sqlite",
    "      busyTimeout: 200",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference in a setting
    '      file: "${env:STATE}/a b.sqlite"',
    "  # another",
    "",
    "  cloud:",
    "    orchestrator: local/local   # for now",
    "    artifactStore:",
    "        flavor: gcp/gcs",
    "        bucket: ./here",
    "stack: cloud",
    "integrations:",
  ].join("\n"),
  "a:\nb:\n  c:\n  d: 0\ne: x",
];

test("what it reads it reads as the YAML library does", () => {
  for (const text of plain) expect(readPlainYaml(text), text).toEqual(parse(text, { stringKeys: true }) ?? {});
});

test("what is not plain it leaves to the library", () => {
  const others = [
    "a: [b]",
    "a: {b: c}",
    "a: 'b'",
    'a: "\\n"',
    "a: b c",
    "a: b: c",
    "a:\n- b",
    "a: |\n  b",
    "a: &x b\nc: *x",
    "a: !!str b",
    "---\na: b",
    "a: b\na: c",
    "a: b\n c: d",
    "  a: b",
    "a:\n    b: c\n  d: e",
    "a:\n  b: c\n d: e",
    "a:\tb",
    "a: b\r\n",
    "a:b",
    "a",
    "{a: b}",
    "ä: b",
    "a: ü",
    "a: 1.5",
    "a: 007",
    "a: -1",
    "a: 0x1",
    "a: 1e3",
    "a: ~",
    "a: null",
    "a: true",
    "a: Yes",
    "null: a",
    "__proto__: a",
    "a:\n  __proto__: b",
    "a: .inf",
    "a: b #c\u0007",
    "\ufeffa: b",
    "a: b#\n  c: d",
    "a: x\n  b: c",
  ];
  for (const text of others) expect(readPlainYaml(text), text).toBeUndefined();
});

test("whatever the lines, it never reads them otherwise than the library", () => {
  const pieces = [
    "a",
    "b:",
    "c: d",
    "e: 12",
    'f: "g h"',
    "  ",
    " ",
    "\n",
    "# x",
    ": ",
    "-",
    "0",
    "no",
    "'",
    '"',
    "{",
    "~",
    ".",
  ];
  let seed = 7;
  const draw = (count: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * count);
  };
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: 1 + draw(10) }, () => pieces[draw(pieces.length)]).join(draw(2) ? "" : "\n");
    const found = readPlainYaml(text);
    if (found === undefined) continue;
    read += 1;
    expect(found, JSON.stringify(text)).toEqual(parse(text, { stringKeys: true }) ?? {});
  }
  expect(read).toBeGreaterThan(500);
});
