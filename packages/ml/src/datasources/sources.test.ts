import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeExample, rowToExample, writeRecords } from "@tenon/tfrecord";
import { parquetWriteFile } from "hyparquet-writer";
import sharp from "sharp";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { csv } from "./csv.js";
import { images } from "./images.js";
import { inMemory } from "./in-memory.js";
import { json, jsonLines } from "./json.js";
import { parquet } from "./parquet.js";
import { tfrecordFiles } from "./tfrecord.js";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "tenon-sources-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(join(directory, name, ".."), { recursive: true });
  writeFileSync(join(directory, name), content);
};

describe("CSV", () => {
  test("is read with quotes, line ends of both kinds and a byte order mark, and numbers are numbers", async () => {
    put("a.csv", '\ufeffid,name,mass,seen\r\n1,"Ada, ""the"" first",3.5,true\r\n2,"two\nlines",NA,false\r\n');
    expect(await csv("a.csv").read({ directory })).toEqual([
      { id: 1, name: 'Ada, "the" first', mass: 3.5, seen: true },
      { id: 2, name: "two\nlines", mass: null, seen: false },
    ]);
  });

  test("of several files is one table, in the order of their names, with the columns of all", async () => {
    put("data/b.csv", "x,y\n3,c\n");
    put("data/a.csv", "x\n1\n2\n");
    expect(await csv("data/*.csv").read({ directory })).toEqual([
      { x: 1, y: null },
      { x: 2, y: null },
      { x: 3, y: "c" },
    ]);
  });

  test("keeps what looks like a number but is a name, and takes kinds, delimiters and a header that are said", async () => {
    put("zip.csv", "0123;9007199254740993;1\n4567;1;0\n");
    const header = ["zip", "id", "flag"];
    expect(await csv("zip.csv", { delimiter: ";", header }).read({ directory })).toEqual([
      { zip: "0123", id: "9007199254740993", flag: 1 },
      { zip: "4567", id: "1", flag: 0 },
    ]);
    const kinds = { flag: "text", zip: "integer" } as const;
    expect((await csv("zip.csv", { delimiter: ";", header, kinds }).read({ directory }))[0]).toEqual({
      zip: 123,
      id: "9007199254740993",
      flag: "1",
    });
  });

  test.each([
    ["a line with too many fields", "x,y\n1,2\n1,2,3\n", {}, "DATA_UNREADABLE", "line 3"],
    ["a quote that is not closed", 'x\n"1\n', {}, "DATA_UNREADABLE", "Quote"],
    ["two columns of one name", "x,y,x\n1,2,3\n", {}, "DATA_UNREADABLE", "two columns are called 'x'"],
    ["a header with a name twice", "1,2\n", { header: ["x", "x"] }, "DATA_UNREADABLE", "two columns are called 'x'"],
    ["a file that is empty", "", {}, "DATA_UNREADABLE", "the file is empty"],
    ["a text that is not UTF-8", Uint8Array.of(0x78, 0x0a, 0xfc, 0x0a), {}, "DATA_UNREADABLE", "not UTF-8"],
    ["a character that is cut off", Uint8Array.of(0x78, 0x0a, 0xc3), {}, "DATA_UNREADABLE", "not UTF-8"],
    [
      "a kind of a column that there is not",
      "zip\n1\n",
      { kinds: { zpi: "text" } },
      "DATA_COLUMN_MISSING",
      "Did you mean 'zip'?",
    ],
    [
      "a kind that no text has",
      "x\n1\n",
      { kinds: { x: "tetx" as never } },
      "PARAMETER_INVALID",
      "Did you mean 'text'?",
    ],
    ["a text where a time was said to be", "x\nsoon\n", { kinds: { x: "time" } }, "DATA_UNREADABLE", "'soon'"],
    ["a mark of UTF-8 and nothing else", "\ufeff", {}, "DATA_UNREADABLE", "the file is empty"],
    ["lines with nothing in them", "\n\n", {}, "DATA_UNREADABLE", "the file is empty"],
    ["a file in UTF-16", Uint8Array.of(0xff, 0xfe, 0x78, 0), {}, "DATA_UNREADABLE", "iconv -f utf16"],
    ["a column that no record can hold", "__proto__,x\n1,2\n", {}, "DATA_UNREADABLE", "'__proto__'"],
    ["a text where a number was said to be", "x\n1\nred\n", { kinds: { x: "number" } }, "DATA_UNREADABLE", "'red'"],
  ] as const)("says what is wrong with %s", async (_, text, options, code, found) => {
    put("bad.csv", text);
    await expect(csv("bad.csv", options).read({ directory })).rejects.toMatchObject({
      code,
      message: expect.stringContaining(found),
    });
  });

  test("holds texts that are names of what every object has", async () => {
    put("names.csv", "x,y\nconstructor,true\ntoString,False\n");
    expect(await csv("names.csv").read({ directory })).toEqual([
      { x: "constructor", y: true },
      { x: "toString", y: false },
    ]);
  });

  test("that is no file is an error that says what to name", async () => {
    await expect(csv(".").read({ directory })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
      message: expect.stringContaining("it is a directory. Name its files"),
    });
    for (const files of [undefined, [], "", 5, [null]] as never[]) {
      expect(() => csv(files)).toThrow(expect.objectContaining({ code: "PARAMETER_INVALID" }));
    }
  });

  test("that is not there is an error that says where it was looked for", async () => {
    for (const missing of ["none.csv", "none/*.csv"]) {
      const reading = csv(missing).read({ directory });
      await expect(reading).rejects.toMatchObject({
        code: "DATA_UNREADABLE",
        message: expect.stringContaining(directory),
      });
    }
  });
});

test("a URL that is not of a file is an error that says so", async () => {
  await expect(csv(new URL("https://example.com/a.csv")).read({ directory })).rejects.toMatchObject({
    code: "DATA_UNREADABLE",
    message: expect.stringContaining("https://example.com/a.csv"),
  });
});

test("a directory given as a URL is described by its name", () => {
  const url = new URL("file:///data/digits/");
  expect(images(url, { width: 2, height: 2 }).description).toBe("images in digits");
});

describe("JSON", () => {
  const rows = [
    { x: 1, name: "a", v: [1, 2] },
    { x: null, name: "b" },
  ];

  test("is read from an array, and line by line", async () => {
    put("rows.json", JSON.stringify(rows));
    put("rows.jsonl", `${rows.map((row) => JSON.stringify(row)).join("\n\n")}\n`);
    expect(await json("rows.json").read({ directory })).toEqual(rows);
    expect(await json(pathToFileURL(join(directory, "rows.json"))).read({ directory: "/" })).toEqual(rows);
    expect(await jsonLines("rows.jsonl").read({ directory })).toEqual(rows);
  });

  test("may begin with the mark of UTF-8", async () => {
    put("marked.json", `\ufeff${JSON.stringify(rows)}`);
    put("marked.jsonl", '\ufeff{"x":1}\n{"x":2}\n');
    expect(await json("marked.json").read({ directory })).toEqual(rows);
    expect(await jsonLines("marked.jsonl").read({ directory })).toEqual([{ x: 1 }, { x: 2 }]);
  });

  test("that is broken, or holds what no row holds, is an error that says where", async () => {
    put("bad.jsonl", '{"x":1}\n{"x":\n');
    put("deep.json", '[{"x":{"y":1}}]');
    put("object.json", "{}");
    const message = (text: string) => ({ code: "DATA_UNREADABLE", message: expect.stringContaining(text) });
    await expect(jsonLines("bad.jsonl").read({ directory })).rejects.toMatchObject(message("line 2"));
    await expect(json("deep.json").read({ directory })).rejects.toMatchObject(
      message("the column 'x' holds an object"),
    );
    await expect(json("object.json").read({ directory })).rejects.toMatchObject(message("not an array"));
  });
});

describe("Parquet", () => {
  test("is read with its types, and only the columns that are asked for", async () => {
    parquetWriteFile({
      filename: join(directory, "a.parquet"),
      columnData: [
        { name: "id", data: [1n, 9007199254740993n], type: "INT64" },
        { name: "mass", data: [3.5, null], type: "DOUBLE" },
        { name: "name", data: ["a", "ü"], type: "STRING" },
        { name: "at", data: [new Date("2024-01-02T03:04:05.006Z"), null], type: "TIMESTAMP" },
        { name: "seen", data: [true, false], type: "BOOLEAN" },
      ],
    });
    expect(await parquet("a.parquet").read({ directory })).toEqual([
      { id: "1", mass: 3.5, name: "a", at: "2024-01-02T03:04:05.006Z", seen: true },
      { id: "9007199254740993", mass: null, name: "ü", at: null, seen: false },
    ]);
    expect(await parquet("a.parquet", { columns: ["name"] }).read({ directory })).toEqual([
      { name: "a" },
      { name: "ü" },
    ]);
  });

  test("that is empty is an error that says so", async () => {
    put("empty.parquet", "");
    await expect(parquet("empty.parquet").read({ directory })).rejects.toThrow("the file is empty");
  });

  test("that is none is an error that names the file", async () => {
    put("bad.parquet", "this is no parquet file at all");
    await expect(parquet("*.parquet").read({ directory })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
      message: expect.stringContaining("bad.parquet"),
    });
  });
});

describe("images", () => {
  const square = (grey: number, size: number) =>
    sharp({ create: { width: size, height: size, channels: 3, background: { r: grey, g: grey, b: grey } } })
      .png()
      .toBuffer();

  test("are raw pixels of one size, labelled by their directory", async () => {
    put("digits/7/a.png", await square(200, 40));
    put("digits/1/b.png", await square(10, 28));
    put("digits/1/readme.txt", "not an image");
    const source = images("digits", { width: 28, height: 28, channels: 1 });
    const rows = await source.read({ directory });
    expect(rows.map(({ label, file }) => [label, file])).toEqual([
      ["1", "1/b.png"],
      ["7", "7/a.png"],
    ]);
    expect(rows.map(({ image }) => (image as Uint8Array).length)).toEqual([784, 784]);
    expect(rows.map(({ image }) => (image as Uint8Array)[400])).toEqual([10, 200]);
    expect(source.columns).toEqual([{ name: "image", kind: "bytes", shape: [28, 28, 1] }]);
    const coloured = await images("digits", { width: 4, height: 2, label: false }).read({ directory });
    expect(coloured.map(({ image, label }) => [(image as Uint8Array).length, label])).toEqual([
      [24, undefined],
      [24, undefined],
    ]);
  });

  test("may be in a directory whose name could be a pattern", async () => {
    put("photos [2024]/a.png", await square(1, 2));
    expect(await images("photos [2024]", { width: 2, height: 2 }).read({ directory })).toHaveLength(1);
  });

  test("that cannot be read are errors that name the file", async () => {
    const whole = await square(1, 60);
    put("photos/cut-off.png", whole.subarray(0, whole.length - 40));
    await expect(images("photos", { width: 2, height: 2 }).read({ directory })).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
      message: expect.stringContaining("cut-off.png"),
    });
    put("photos/cut-off.png", "text");
    await expect(images("photos", { width: 2, height: 2 }).read({ directory })).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
    });
    mkdirSync(join(directory, "empty"));
    await expect(images("empty", { width: 2, height: 2 }).read({ directory })).rejects.toMatchObject({
      code: "DATA_UNREADABLE",
    });
  });
});

test("images without a size are refused, and the error says what is wanted", () => {
  for (const wrong of [undefined, {}, { width: 28 }, { width: 0, height: 28 }, { width: 2, height: 2, channels: 4 }]) {
    expect(() => images("digits", wrong as never)).toThrow(
      expect.objectContaining({ code: "PARAMETER_INVALID", fix: expect.stringContaining("{ width: 28, height: 28") }),
    );
  }
});

test("no more images are read once one of them cannot be", async () => {
  put("photos/0.png", "text");
  const image = await sharp({ create: { width: 9, height: 9, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  for (let index = 1; index < 200; index += 1) put(`photos/${index}.png`, image);
  let asked = 0;
  const count = () => {
    asked += 1;
  };
  const signal = { throwIfAborted: count } as unknown as AbortSignal;
  const reading = images("photos", { width: 2, height: 2 }).read({ directory, signal });
  await expect(reading).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
  const before = asked;
  await new Promise((done) => setTimeout(done, 100));
  expect(asked).toBe(before);
});

describe("TFRecord", () => {
  const rows = [
    { image: Uint8Array.of(0, 255, 3), label: 7, name: "seven" },
    { image: Uint8Array.of(1, 2, 3), label: 1, name: "one" },
  ];
  const columns = [
    { name: "image", kind: "bytes" },
    { name: "label", kind: "integer" },
    { name: "name", kind: "text" },
  ] as const;

  test("is read as rows, their kinds told from the examples or said", async () => {
    const records = rows.map((row) => encodeExample(rowToExample(row, { columns })));
    await writeRecords(join(directory, "a.tfrecord"), records);
    await writeRecords(join(directory, "b.tfrecord"), records, { compression: "gzip" });
    expect(await tfrecordFiles("*.tfrecord").read({ directory })).toEqual([...rows, ...rows]);
    const [first] = await tfrecordFiles("a.tfrecord", { columns: [{ name: "label", kind: "number" }] }).read({
      directory,
    });
    expect(first).toEqual({ label: 7 });
  });

  test("is read to its end where it has more examples than are looked at", async () => {
    const label = { columns: [{ name: "label", kind: "integer" }] } as const;
    const many = Array.from({ length: 2500 }, (_, index) => ({ label: index }));
    await writeRecords(
      join(directory, "many.tfrecord"),
      many.map((row) => encodeExample(rowToExample(row, label))),
    );
    expect(await tfrecordFiles("many.tfrecord").read({ directory })).toEqual(many);
  });

  test("that is cut off is an error", async () => {
    put("bad.tfrecord", Uint8Array.of(1, 2, 3));
    await expect(tfrecordFiles("bad.tfrecord").read({ directory })).rejects.toMatchObject({ code: "TFRECORD_CORRUPT" });
  });
});

test("rows in memory are given as they are, or made when they are read", async () => {
  expect(await inMemory([{ x: 1 }]).read({ directory })).toEqual([{ x: 1 }]);
  expect(await inMemory(async () => [{ x: 2 }]).read({ directory })).toEqual([{ x: 2 }]);
});
