import { describe, expect, test } from "vitest";
import { describeDifference } from "./describe-difference.js";
import { type ComparableFiles, firstDifference } from "./first-difference.js";

/** An artifact in memory that hands out its files in chunks of a few bytes. */
function artifact(files: Record<string, string | Uint8Array>, format = "directory", chunk = 3): ComparableFiles {
  const contents = new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)]));
  return {
    format,
    files: [...contents].map(([path, bytes]) => ({ path, size: bytes.length })),
    async *stream(path) {
      const bytes = contents.get(path) ?? Buffer.alloc(0);
      for (let start = 0; start < bytes.length; start += chunk) yield bytes.subarray(start, start + chunk);
    },
  };
}

const differ = (
  left: Record<string, string | Uint8Array>,
  right: Record<string, string | Uint8Array>,
  format?: string,
) => firstDifference(artifact(left, format, 3), artifact(right, format, 5));

const json = (left: unknown, right: unknown) =>
  differ({ "a.json": JSON.stringify(left) }, { "a.json": JSON.stringify(right) });

describe("the first difference", () => {
  test("is none for equal bytes in other chunks", async () => {
    expect(await differ({ a: "same", "b/c": "same" }, { "b/c": "same", a: "same" })).toBeUndefined();
  });

  test("is the first file that only one of them has", async () => {
    expect(await differ({ a: "1" }, { a: "1", b: "2" })).toEqual({ kind: "file", file: "b", only: "right" });
    expect(await differ({ a: "1", b: "2" }, { b: "3" })).toEqual({ kind: "file", file: "a", only: "left" });
  });

  test("is the format where the formats differ", async () => {
    const found = await firstDifference(artifact({}, "csv"), artifact({}, "jsonl"));
    expect(found).toEqual({ kind: "format", left: "csv", right: "jsonl" });
  });
});

describe("in JSON", () => {
  test("is a path with both values", async () => {
    const left = { rows: [{ w: 1 }, { w: 2, "odd key": [true] }] };
    const right = { rows: [{ w: 1 }, { w: 2, "odd key": [false] }] };
    expect(await json(left, right)).toEqual({
      kind: "json",
      file: "a.json",
      path: '$.rows[1]["odd key"][0]',
      left: "true",
      right: "false",
    });
  });

  test("shows a value that is missing on one side, and shortens long ones", async () => {
    expect(await json({ a: 1 }, { a: 1, b: "x".repeat(500) })).toMatchObject({
      path: "$.b",
      right: expect.stringMatching(/^"x{119}…$/),
    });
    expect(await json([1], [1, null])).toEqual({ kind: "json", file: "a.json", path: "$[1]", right: "null" });
    expect(await json({ a: [] }, { a: {} })).toMatchObject({ path: "$.a", left: "[]", right: "{}" });
  });

  test("is a place in the text if only the spelling differs", async () => {
    expect(await differ({ "a.json": '{"a":1}' }, { "a.json": '{"a": 1}' })).toMatchObject({ kind: "text", column: 6 });
  });

  test("does not stumble over a key named like an object's own method", async () => {
    expect(await json({ constructor: 1 }, { toString: 1 })).toMatchObject({ path: "$.constructor", left: "1" });
  });

  const large = (middle: string) => `{"a":"${"x".repeat(5 << 20)}","b":[{"c":1},${middle}],"d":0}`;

  test.each([
    ['{"c":12}', '{"c":13}', "$.b[1].c", "12", "13"],
    ['"a\\"b"', '"a\\"c"', "$.b[1]", '"a\\"b"', '"a\\"c"'],
    ['{"c":1}', '{"d":1}', "$.b[1]", '"c"', '"d"'],
    ['{"c":[1,2]}', '{"c":[1]}', "$.b[1].c[1]", "2", undefined],
    ['{"c":1,"d":2}', '{"c":1}', "$.b[1]", '"d"', undefined],
  ])("of more than some MiB is found without parsing: %s against %s", async (one, other, path, left, right) => {
    const found = await firstDifference(
      artifact({ "a.json": large(one) }, "json", 1 << 16),
      artifact({ "a.json": large(other) }, "json", 1 << 15),
    );
    expect(found).toEqual({ kind: "json", file: "a.json", path, ...(left && { left }), ...(right && { right }) });
  });

  test("lines are numbered", async () => {
    expect(await differ({ "rows.jsonl": '{"a":1}\n{"a":2}\n' }, { "rows.jsonl": '{"a":1}\n{"a":7}\n' })).toEqual({
      kind: "json",
      file: "rows.jsonl",
      line: 2,
      path: "$.a",
      left: "2",
      right: "7",
    });
  });
});

describe("in text", () => {
  test("is a line and a column, counted in characters", async () => {
    expect(await differ({ "t.csv": "name,w\nAdélie,3.5\n" }, { "t.csv": "name,w\nAdélie,3.6\n" })).toEqual({
      kind: "text",
      file: "t.csv",
      line: 2,
      column: 10,
      left: "Adélie,3.5",
      right: "Adélie,3.6",
    });
  });

  test("points at the character even if only its last byte differs", async () => {
    expect(await differ({ "t.txt": "aé" }, { "t.txt": "aè" })).toMatchObject({ column: 2, left: "aé", right: "aè" });
    expect(await differ({ "t.txt": "a😀" }, { "t.txt": "a😁" })).toMatchObject({ column: 2, right: "a😁" });
  });

  test("shows where one of them ends", async () => {
    expect(await differ({ "t.txt": "one\n" }, { "t.txt": "one\ntwo\n" })).toEqual({
      kind: "text",
      file: "t.txt",
      line: 2,
      column: 1,
      right: "two",
    });
  });

  test("shows a piece of a long line", async () => {
    const [before, after] = ["x".repeat(5000), "y".repeat(5000)];
    const found = await differ({ "t.txt": `${before}A${after}` }, { "t.txt": `${before}B${after}` });
    expect(found).toMatchObject({ line: 1, column: 5001 });
    expect(found).toHaveProperty("left", `…${"x".repeat(40)}A${"y".repeat(39)}…`);
  });

  test("is recognised without an extension", async () => {
    expect(await differ({ value: "one" }, { value: "onE" })).toMatchObject({ kind: "text", column: 3 });
  });
});

describe("in other bytes", () => {
  test("is an offset with the bytes from there on", async () => {
    expect(await differ({ "w.bin": new Uint8Array([1, 2, 3, 255]) }, { "w.bin": new Uint8Array([1, 2, 4]) })).toEqual({
      kind: "bytes",
      file: "w.bin",
      offset: 2,
      left: "03 ff",
      right: "04",
    });
    expect(await differ({ w: new Uint8Array([0, 1]) }, { w: new Uint8Array([0]) })).toMatchObject({
      offset: 1,
      left: "01",
    });
  });

  test("is found in large files, whose streams are closed and not read to their ends", async () => {
    let closed = 0;
    let read = 0;
    const huge = (last: number): ComparableFiles => ({
      format: "bytes",
      files: [{ path: "value.bin", size: 1 << 40 }],
      async *stream() {
        try {
          for (let number = 0; ; number++) {
            read++;
            yield new Uint8Array(1 << 16).fill(number === 300 ? last : number % 251);
          }
        } finally {
          closed++;
        }
      },
    });
    expect(await firstDifference(huge(254), huge(255))).toMatchObject({ kind: "bytes", offset: 300 << 16 });
    expect(closed).toBe(2);
    expect(read).toBeLessThan(610);
  });
});

test("differences are described in words", async () => {
  const found = await json({ a: [1] }, { a: [2] });
  expect(found && describeDifference(found)).toBe("at $.a[0] of a.json: 1 against 2");
  expect(describeDifference({ kind: "bytes", file: "w", offset: 3, left: "00" })).toBe(
    "at byte 3 of w: 00 against nothing",
  );
});
