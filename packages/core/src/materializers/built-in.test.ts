import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { afterAll, test } from "vitest";
import { builtInSource } from "../artifacts/built-in-source.js";
import { collected, patterned, sameBytes } from "../testing/artifact-store-values.js";
import { type MaterializerSubject, testMaterializer } from "../testing/materializer.js";
import { MaterializerHarness } from "../testing/materializer-harness.js";
import { builtInForValue, builtInMaterializers, whyNotBuiltIn } from "./built-in.js";
import { type DirectoryArtifact, directoryArtifact, type FileArtifact, fileArtifact } from "./paths.js";

const scratch = mkdtempSync(join(tmpdir(), "tenon-builtin-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

class Forest {
  readonly trees = 3;
}

function filesBelow(root: string): Record<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(root.length), entry.isFile() ? readFileSync(path, "latin1") : "directory"] as const;
    }),
  );
}

function writtenFile(name: string, body: Uint8Array | string): FileArtifact {
  const path = join(scratch, name);
  writeFileSync(path, body);
  return fileArtifact(path);
}

function writtenDirectory(name: string): DirectoryArtifact {
  const path = join(scratch, name);
  mkdirSync(join(path, "empty/inside"), { recursive: true });
  mkdirSync(join(path, "with ü"), { recursive: true });
  writeFileSync(join(path, "with ü/new\nline"), "odd names are names");
  writeFileSync(join(path, `${"n".repeat(250)}.txt`), name);
  return directoryArtifact(path);
}

const proto = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "a": {"__proto__": null}}') as object;

function sparse(last: number): number[] {
  const array = [1];
  array[2] = last;
  return array;
}

function cyclic(): unknown {
  const node: Record<string, unknown> = { name: "root", list: [1] };
  node.self = node;
  node.map = new Map<unknown, unknown>([[node, node.list]]);
  return node;
}

const textSamples = () => ["", "hello\r\n", "\ufeffwith a mark", "ünïcode 🐧\u0000", "x".repeat(3_000_000)];
const textRefuses = [1, null, {}, "\ud800"];

const subjects: Record<string, Omit<MaterializerSubject<never>, "materializer"> & Record<string, unknown>> = {
  json: {
    samples: () => [
      null,
      true,
      0,
      -1.5e300,
      "",
      "\ud800 half",
      [],
      {},
      [[], {}],
      proto,
      { b: [1, { a: "ü" }], a: null },
      ["x".repeat(600_000)],
    ],
    refuses: [
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      -0,
      1n,
      new Date(),
      new Map(),
      { a: undefined },
      new Array(1),
      new Forest(),
      cyclic(),
      Object.create(null),
      { [Symbol("s")]: 1 },
      Object.assign([1], { a: 1 }),
      () => 1,
    ],
  },
  text: { samples: textSamples, refuses: textRefuses },
  csv: { samples: () => ["", "a,b\n1,2\n"], refuses: textRefuses },
  html: { samples: () => ["", "<p>hello</p>"], refuses: textRefuses },
  markdown: { samples: () => ["", "# hello"], refuses: textRefuses },
  svg: { samples: () => ["", "<svg/>"], refuses: textRefuses },
  bytes: {
    samples: () => [new Uint8Array(), new Uint8Array([0, 255]), patterned(5_000_000)],
    refuses: ["text", null, [1]],
  },
  table: {
    samples: () => [
      [],
      [{}],
      [
        { a: 1, b: null },
        { a: 2, c: [true] },
      ],
      [proto],
      Array.from({ length: 20_000 }, (_, row) => ({ row, text: "ü".repeat(20) })),
    ],
    refuses: [null, {}, [1], [[1]], [{ a: Number.NaN }], [{ a: new Date() }], ["text"]],
  },
  structured: {
    samples: () => [
      undefined,
      null,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      0,
      12n ** 40n,
      -3n,
      "text",
      "\ud800",
      new Date(0),
      /a\/b[\n"]/giu,
      new Map<unknown, unknown>([
        [{ k: 1 }, new Set([1, "1"])],
        ["k", undefined],
      ]),
      new Set(),
      new Uint8Array([1, 2]),
      new Float64Array([1.5, Number.NaN, -0]),
      new BigInt64Array([1n, -1n]),
      new Uint8Array([1, 2, 3]).buffer,
      new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
      Buffer.from("buffer"),
      sparse(3),
      new Array(2),
      Object.assign([1, 2], { index: 7 }),
      Object.assign(Object.create(null), { a: 1 }),
      proto,
      { a: undefined, b: [undefined] },
      cyclic(),
      { b: 2, a: 1 },
      [new Float32Array(500_000)],
    ],
    refuses: [
      new Forest(),
      { a: [new Forest()] },
      () => 1,
      Symbol("s"),
      new Error("x"),
      Promise.resolve(),
      new WeakMap(),
      Object(1),
      new (class extends Map {})(),
      new (class extends Array {})(),
      { [Symbol("s")]: 1 },
    ],
  },
  byteStream: {
    samples: () => [
      Readable.from([]),
      Readable.from([Buffer.from("ab"), Buffer.from("c")]),
      Readable.from([patterned(5_000_000)]),
    ],
    equal: async (a: AsyncIterable<Uint8Array>, b: AsyncIterable<Uint8Array>) =>
      sameBytes(await collected(a), await collected(b)),
    refuses: ["text", null, [1]],
  },
  file: {
    samples: () => [writtenFile("empty", ""), writtenFile("ü weights.bin", patterned(5_000_000))],
    equal: (a: FileArtifact, b: FileArtifact) => a.name === b.name && readFileSync(a.path).equals(readFileSync(b.path)),
    refuses: [
      null,
      "/etc/hosts",
      { path: "x" },
      fileArtifact(join(scratch, "missing")),
      fileArtifact(scratch),
      fileArtifact("/etc/hosts", { name: "../up" }),
    ],
  },
  directory: {
    samples: () => [writtenDirectory("one"), writtenDirectory("two")],
    equal: (a: DirectoryArtifact, b: DirectoryArtifact) => isDeepStrictEqual(filesBelow(a.path), filesBelow(b.path)),
    refuses: [null, scratch, directoryArtifact(join(scratch, "missing"))],
  },
} as never;

for (const definition of builtInMaterializers) {
  const name = definition.type.name;
  const { materializer } = await definition.load();
  testMaterializer({
    test,
    prefix: name,
    materializer,
    ...(subjects[name] as unknown as Pick<MaterializerSubject, "samples">),
  });

  test(`${name}: its definition says what its materializer says`, () => {
    assert.equal(materializer.type.name, name);
    assert.equal(materializer.format, definition.writes);
    assert.deepEqual(materializer.reads, definition.reads ?? [definition.writes]);
  });
}

test("an undeclared value is saved by the built-in that holds it exactly", () => {
  const stream = (async function* () {})();
  const shared = { a: 1 };
  for (const [value, type] of [
    [null, "json"],
    ["text", "json"],
    [1.5, "json"],
    [{ a: [1, { b: true }] }, "json"],
    [[], "json"],
    [undefined, "structured"],
    [Number.NaN, "structured"],
    [-0, "structured"],
    [1n, "structured"],
    [new Date(), "structured"],
    [{ a: { when: new Date() } }, "structured"],
    [sparse(2), "structured"],
    [cyclic(), "structured"],
    [[shared, shared], "structured"],
    [Object.create(null), "structured"],
    [new Float32Array(1), "structured"],
    [{ a: undefined }, "structured"],
    [new Uint8Array(1), "bytes"],
    [Buffer.from(""), "bytes"],
    [stream, "byteStream"],
    [Readable.from([]), "byteStream"],
    [fileArtifact("x"), "file"],
    [directoryArtifact("x"), "directory"],
    [new Forest(), undefined],
    [{ a: new Forest() }, undefined],
    [() => 1, undefined],
    [Symbol("s"), undefined],
    [new Error("x"), undefined],
  ] as const) {
    assert.equal(builtInForValue(value)?.type.name, type, String(type));
  }
});

test("what cannot be saved is named, with its place and class", () => {
  assert.equal(whyNotBuiltIn({ models: [1, new Forest()] }), "$.models[1] is an instance of Forest");
  assert.equal(
    whyNotBuiltIn(() => 1),
    "$ is a function",
  );
  assert.equal(whyNotBuiltIn({ a: 1 }), undefined);
});

test("the order of keys changes no bytes, neither in json nor in structured data", async () => {
  for (const type of ["json", "structured", "table"]) {
    const { materializer } = await builtInSource().forType(type);
    const harness = new MaterializerHarness(materializer);
    const one = await harness.save([{ b: { d: 1, c: 2 }, a: 3 }]);
    const two = await harness.save([{ a: 3, b: { c: 2, d: 1 } }]);
    assert.equal(one.digest, two.digest, type);
  }
});

test("a date that is none comes back as one", async () => {
  const { materializer } = await builtInSource().forType("structured");
  const harness = new MaterializerHarness(materializer);
  const loaded = (await harness.vault.load(await harness.save(new Date(Number.NaN)))) as Date;
  assert.ok(loaded instanceof Date && Number.isNaN(loaded.getTime()));
});

test("shared references are one object again, in structured data", async () => {
  const { materializer } = await builtInSource().forType("structured");
  const harness = new MaterializerHarness(materializer);
  const shared = { a: 1 };
  const loaded = (await harness.vault.load(await harness.save([shared, shared]))) as unknown[];
  assert.equal(loaded[0], loaded[1]);
});

test("reading pollutes no prototype", async () => {
  for (const type of ["json", "structured", "table"]) {
    const { materializer } = await builtInSource().forType(type);
    const harness = new MaterializerHarness(materializer);
    const loaded = (await harness.vault.load(await harness.save([proto]))) as object[];
    assert.ok(Object.hasOwn(loaded[0] as object, "__proto__"), type);
    assert.equal(Object.getPrototypeOf(loaded[0]), Object.prototype, type);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  }
});

test("depth is no limit to what can be saved", async () => {
  for (const type of ["json", "structured"]) {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level += 1) deep = [deep];
    const { materializer } = await builtInSource().forType(type);
    const harness = new MaterializerHarness(materializer);
    const saved = await harness.save(deep);
    let loaded = await harness
      .elsewhere()
      .vault.load(saved)
      .catch((error: { code?: string }) => error.code);
    if (type === "json" && loaded === "MATERIALIZER_FAILED") continue;
    let levels = 0;
    for (; Array.isArray(loaded) && loaded.length > 0; levels += 1) loaded = loaded[0];
    assert.equal(levels, 100_000, type);
  }
});

test("senseless files are told from structured data", async () => {
  const { materializer } = await builtInSource().forType("structured");
  for (const lines of [
    "",
    "1\n",
    '["v",["r",5]]\n',
    '["v",1]\n["q"]\n',
    '["v",["x"]]\n',
    '["v",["r",0]]\n["t","Float64Array",0,8]\n',
    '["v",["r",0]]\n["x","(","g"]\n',
    '["v",["r",0]]\n["o",1,2]\n',
    '["v",["r",0]]\n["s",-1]\n',
    '["v",["r",0]]\n["t","eval",0,0]\n',
    '["v",1]',
  ]) {
    const foreign = {
      ...materializer,
      save: (_: unknown, files: { write(path: string, body: string): Promise<void> }) =>
        files.write("value.jsonl", lines),
    };
    const objects = new Map<string, Uint8Array>();
    const saved = await new MaterializerHarness(foreign as never, objects).save(1);
    await assert.rejects(
      new MaterializerHarness(materializer, objects).vault.load(saved),
      { code: "ARTIFACT_CORRUPT" },
      lines,
    );
  }
});

test("a directory with a symbolic link in it is refused", async () => {
  const linked = join(scratch, "linked");
  mkdirSync(linked);
  symlinkSync("/etc/hosts", join(linked, "hosts"));
  const { materializer } = await builtInSource().forType("directory");
  const save = new MaterializerHarness(materializer).save(directoryArtifact(linked));
  await assert.rejects(save, { code: "MATERIALIZER_FAILED" });
});

test("a byte stream that was loaded can be read as often as one likes", async () => {
  const { materializer } = await builtInSource().forType("byteStream");
  const harness = new MaterializerHarness(materializer);
  const loaded = (await harness.vault.load(
    await harness.save(Readable.from([Buffer.from("abc")])),
  )) as AsyncIterable<Uint8Array>;
  for (let time = 0; time < 2; time += 1) assert.equal(Buffer.from(await collected(loaded)).toString(), "abc");
});
