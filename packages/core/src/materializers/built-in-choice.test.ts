import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { test } from "vitest";
import { builtInSource } from "../artifacts/built-in-source.js";
import { collected } from "../testing/artifact-store-values.js";
import { MaterializerHarness } from "../testing/materializer-harness.js";
import { builtInForValue, whyNotBuiltIn } from "./built-in.js";
import { directoryArtifact, fileArtifact } from "./paths.js";

const proto = JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "a": {"__proto__": null}}') as object;

class Forest {
  readonly trees = 3;
}

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
  const scratch = mkdtempSync(join(tmpdir(), "tenon-linked-"));
  const linked = join(scratch, "linked");
  mkdirSync(linked);
  symlinkSync("/etc/hosts", join(linked, "hosts"));
  const { materializer } = await builtInSource().forType("directory");
  const save = new MaterializerHarness(materializer).save(directoryArtifact(linked));
  await assert.rejects(save, { code: "MATERIALIZER_FAILED" });
  rmSync(scratch, { recursive: true });
});

test("a byte stream that was loaded can be read as often as one likes", async () => {
  const { materializer } = await builtInSource().forType("byteStream");
  const harness = new MaterializerHarness(materializer);
  const loaded = (await harness.vault.load(
    await harness.save(Readable.from([Buffer.from("abc")])),
  )) as AsyncIterable<Uint8Array>;
  for (let time = 0; time < 2; time += 1) assert.equal(Buffer.from(await collected(loaded)).toString(), "abc");
});
