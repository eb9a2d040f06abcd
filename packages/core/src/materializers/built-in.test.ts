import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { isDeepStrictEqual } from "node:util";
import { afterAll, test } from "vitest";
import { collected, patterned, sameBytes } from "../testing/artifact-store-values.js";
import { type MaterializerSubject, testMaterializer } from "../testing/materializer.js";
import { builtInMaterializers } from "./built-in.js";
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
  columns: {
    samples: () => [
      { rows: 0, columns: {} },
      { rows: 2, columns: {} },
      { rows: 0, columns: { x: new Float64Array(), name: [] } },
      {
        rows: 3,
        columns: {
          x: Float64Array.of(1.5, Number.NaN, -0),
          name: ["ü", null, "\n"],
          any: [true, { a: [1] }, null],
          count: [1, 2, 3],
        },
      },
      { rows: 1, columns: JSON.parse('{"__proto__": [1], "constructor": [null]}') },
      { rows: 80_000, columns: { x: new Float64Array(80_000).fill(0.1), y: new Array(80_000).fill("ü") } },
    ],
    refuses: [
      null,
      {},
      [{ a: 1 }],
      { rows: 1 },
      { rows: 2, columns: { x: [1] } },
      { rows: 1, columns: { x: new Float32Array(1) } },
      { rows: 1, columns: { x: [Number.NaN] } },
      { rows: 1, columns: { x: [new Date()] } },
    ],
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
