import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { test } from "vitest";
import { artifactType } from "../contracts/artifact-type.js";
import { TenonError } from "../errors.js";
import { canonicalJsonText } from "../materializers/canonical-json.js";
import { byteStream, bytes, json, text } from "../materializers/types.js";
import { MemoryArtifactStore } from "../testing/memory-artifact-store.js";
import { ArtifactVault } from "./artifact-vault.js";
import { builtInSource } from "./built-in-source.js";
import { chunkBytes } from "./manifest.js";

function open(objects = new Map<string, Uint8Array>(), inHeadBytes?: number) {
  const store = new MemoryArtifactStore(objects);
  return {
    store,
    objects,
    vault: new ArtifactVault({
      store,
      materializers: builtInSource(),
      root: "ledger/project",
      ...(inHeadBytes !== undefined && { inHeadBytes }),
    }),
  };
}

async function collected(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* inPieces(body: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < body.length; start += size) yield body.subarray(start, start + size);
}

const code = (expected: string) => (error: unknown) => TenonError.is(error) && error.code === expected;

test("a saved value comes back, in this process and in another", async () => {
  const { vault, objects } = open();
  const value = { b: [1, "zwei", null], a: { ü: true } };
  const saved = await vault.save(value, { location: vault.location("numbers") });
  assert.equal(saved.type, "json");
  assert.equal(saved.materializer, "core:json");
  assert.deepEqual(await vault.load(saved), value);
  assert.deepEqual(await open(objects).vault.load(saved), value);
});

test("equal values have equal digests wherever they lie, whatever the order of their keys", async () => {
  const { vault } = open();
  const one = await vault.save({ a: 1, b: 2 }, { location: vault.location("one") });
  const two = await vault.save({ b: 2, a: 1 }, { location: vault.location("two") });
  const three = await vault.encode({ b: 2, a: 1 });
  assert.equal(one.digest, two.digest);
  assert.equal(one.digest, three.digest);
  assert.notEqual(one.location, two.location);
});

test("an encoded value can be stored later, and is then the same artifact", async () => {
  const { vault, objects } = open();
  const large = randomBytes(SPOOLED);
  for (const [value, type] of [
    [{ a: 1 }, json],
    [inPieces(large, 70_001), byteStream],
  ] as const) {
    const encoded = await vault.encode(value, { type });
    const stored = await encoded.store(vault.location("later"));
    await encoded.dispose();
    assert.equal(stored.digest, encoded.digest);
    const loaded = await open(objects).vault.load(stored);
    if (type === json) assert.deepEqual(loaded, value);
    else assert.ok((await collected(loaded as AsyncIterable<Uint8Array>)).equals(large));
  }
});
const SPOOLED = 9 * 1024 * 1024;

test("the manifest holds the digest of each chunk, and of a file that is one chunk its plain SHA-256", async () => {
  const { vault, objects } = open();
  const manifestOf = (location: string) =>
    JSON.parse(
      Buffer.from(objects.get(`${location}.artifact`) ?? [])
        .toString()
        .split("\n")[0] as string,
    );
  const sha256 = (part: Uint8Array | string) => createHash("sha256").update(part).digest("hex");
  const body = randomBytes(2 * chunkBytes + 5);
  const big = await vault.save(inPieces(body, 100_003), { type: byteStream, location: vault.location("big") });
  const chunks = [0, 1, 2].map(
    (index) => `sha256:${sha256(body.subarray(index * chunkBytes, (index + 1) * chunkBytes))}`,
  );
  const digest = `sha256-chunks:${sha256(chunks.join("\n"))}`;
  const files = [{ path: "value.bin", size: body.length, digest, chunks }];
  assert.deepEqual(manifestOf(big.location), { version: 1, chunkBytes, files });
  for (const small of [Buffer.alloc(0), body.subarray(0, 100), body.subarray(0, chunkBytes)]) {
    const streamed = await vault.save(inPieces(small, 1 << 20), {
      type: byteStream,
      location: vault.location("small"),
    });
    const whole = await vault.save(small, { type: bytes, location: vault.location("small") });
    assert.equal(streamed.digest, whole.digest, "however the bytes came");
    assert.equal(manifestOf(whole.location).files[0].digest, `sha256:${sha256(small)}`);
  }
});

test("ranges give exactly their bytes, within and across chunks", async () => {
  const { vault, objects } = open();
  const body = randomBytes(2 * chunkBytes + 1000);
  const saved = await vault.save(body, { type: bytes, location: vault.location("big") });
  const reader = await open(objects).vault.reader(saved);
  const size = body.length;
  for (const [start, end] of [
    [0, 1],
    [5, 5],
    [chunkBytes - 1, chunkBytes + 1],
    [chunkBytes, 2 * chunkBytes],
    [10, size - 10],
    [size - 1, size],
    [size, size + 5],
    [3, size + 99],
  ] as const) {
    const part = await collected(reader.stream("value.bin", { start, end }));
    assert.ok(part.equals(body.subarray(start, end)), `${start}-${end}`);
  }
  assert.ok((await collected(reader.stream("value.bin", { start: 7 }))).equals(body.subarray(7)));
});

test("an altered chunk is found when it is read, and named; chunks before it can be read", async () => {
  const { vault, objects } = open();
  const body = randomBytes(3 * chunkBytes);
  const saved = await vault.save(body, { type: bytes, location: vault.location("big") });
  const stored = objects.get(`${saved.location}/value.bin`) as Uint8Array;
  stored[chunkBytes + 17] = (stored[chunkBytes + 17] ?? 0) ^ 1;
  const reader = await open(objects).vault.reader(saved);
  assert.equal((await collected(reader.stream("value.bin", { start: 0, end: 10 }))).length, 10);
  await assert.rejects(collected(reader.stream("value.bin")), (error) => {
    assert.ok(TenonError.is(error, "ARTIFACT_CORRUPT"));
    assert.match(error.message, /value\.bin/);
    assert.deepEqual(error.details, { file: "value.bin", chunk: 1 });
    return true;
  });
});

test("what was cut off, appended to, deleted, or has another manifest is not handed out", async () => {
  for (const [spoil, expected] of [
    [(body: Uint8Array) => body.subarray(0, -1), "ARTIFACT_CORRUPT"],
    [(body: Uint8Array) => Buffer.concat([body, Buffer.from("x")]), "ARTIFACT_CORRUPT"],
    [() => undefined, "ARTIFACT_MISSING"],
  ] as const) {
    for (const [inHeadBytes, file] of [
      [undefined, ".artifact"],
      [0, ".artifact"],
      [0, "/value.json"],
    ] as const) {
      const { vault, objects } = open(undefined, inHeadBytes);
      const saved = await vault.save({ a: "some value" }, { location: vault.location("small") });
      const key = `${saved.location}${file}`;
      const spoilt = spoil(objects.get(key) as Uint8Array);
      if (spoilt) objects.set(key, spoilt);
      else objects.delete(key);
      await assert.rejects(open(objects).vault.load(saved), code(expected), `${file} ${expected}`);
    }
  }
});

test("a small artifact is one object, which begins with its manifest and ends with its files", async () => {
  const { vault, objects } = open();
  const saved = await vault.save({ a: 1 }, { location: vault.location("small") });
  assert.deepEqual([...objects.keys()], [`${saved.location}.artifact`]);
  const [manifest = "", body] = Buffer.from(objects.get(`${saved.location}.artifact`) ?? [])
    .toString()
    .split("\n");
  assert.equal(body, '{"a":1}');
  assert.equal(saved.digest, `sha256:${createHash("sha256").update(manifest).digest("hex")}`);
  const apart = await open(objects, 0).vault.save({ a: 1 }, { location: vault.location("small") });
  assert.equal(apart.digest, saved.digest, "wherever its files lie");
  assert.ok(objects.has(`${apart.location}/value.json`));
  assert.deepEqual(await open(objects).vault.load(apart), { a: 1 });
});

test("a manifest is canonical JSON, however it was written", async () => {
  const { vault, objects } = open();
  for (const value of [{ a: 1 }, "text", Buffer.from("bytes"), new Map([["a", 1n]])]) {
    const saved = await vault.save(value, { location: vault.location("x") });
    const [manifest = ""] = Buffer.from(objects.get(`${saved.location}.artifact`) ?? [])
      .toString()
      .split("\n");
    assert.equal(manifest, canonicalJsonText(JSON.parse(manifest)));
  }
});

test("files that are small one by one and large together lie beside their manifest", async () => {
  const parts = ["a", "b", "c"].map((name) => [name, Buffer.alloc(30_000, name)] as const);
  const several = {
    type: artifactType<string>("several"),
    format: "several",
    reads: ["several"],
    save: (_: string, files: { write(path: string, body: Uint8Array): Promise<void> }) =>
      Promise.all(parts.map(([name, body]) => files.write(name, body))).then(() => {}),
    load: (files: { text(path: string): Promise<string> }) => Promise.all(parts.map(([name]) => files.text(name))),
  };
  const store = new MemoryArtifactStore();
  const vault = () => new ArtifactVault({ store, materializers: builtInSource([several as never]), root: "r" });
  const saved = await vault().save("", { type: "several", location: vault().location("x") });
  assert.deepEqual(
    [...store.objects.keys()].sort(),
    [".artifact", "/a", "/b", "/c"].map((end) => saved.location + end),
  );
  assert.deepEqual(
    await vault().load(saved),
    parts.map(([, body]) => body.toString()),
  );
});

test("a small artifact that this process has saved is loaded without reading the store", async () => {
  const { vault, objects } = open();
  const saved = await vault.save(Buffer.from("abc"), { type: bytes, location: vault.location("small") });
  objects.clear();
  const first = (await vault.load(saved)) as Uint8Array;
  first[0] = 0;
  assert.deepEqual(await vault.load(saved), new Uint8Array(Buffer.from("abc")), "who loads it gets a copy");
});

test("a save that fails or is cancelled leaves nothing behind", async () => {
  const { vault, objects } = open();
  const failing = (async function* () {
    yield Buffer.from("some");
    throw new Error("the disk of the source is broken");
  })();
  await assert.rejects(
    vault.save(failing, { type: byteStream, location: vault.location("x") }),
    (error) => TenonError.is(error, "MATERIALIZER_FAILED") && /disk of the source/.test(error.message),
  );
  const controller = new AbortController();
  const hanging = (async function* () {
    yield Buffer.from("some");
    controller.abort(new Error("enough"));
    await new Promise(() => {});
  })();
  const save = vault.save(hanging, { type: byteStream, location: vault.location("x"), signal: controller.signal });
  await assert.rejects(save, /enough/);
  assert.equal(objects.size, 0);
});

test("existence is a matter of the head; for a collection, of all its elements", async () => {
  const { vault, objects } = open();
  const one = await vault.save(1, { location: vault.location("x") });
  const two = await vault.save(2, { location: vault.location("x") });
  const list = { ...one, location: "", elements: [one, two] };
  assert.deepEqual(await vault.existsMany([one, list]), [true, true]);
  assert.deepEqual(await vault.load(list), [1, 2]);
  await vault.discard(two.location);
  assert.deepEqual(await vault.existsMany([one, two, list]), [true, false, false]);
  assert.ok(objects.size > 0);
});

test("a directory of an artifact's files is there until the vault is disposed", async () => {
  const { vault } = open();
  const saved = await vault.save("hello", { type: text, location: vault.location("x") });
  const path = await (await vault.reader(saved)).directory();
  assert.equal(await readFile(`${path}/value.txt`, "utf8"), "hello");
  await vault.dispose();
  await assert.rejects(readdir(path), { code: "ENOENT" });
});

test("visualizations lie beside the artifact and are no part of its digest", async () => {
  const plain = { type: artifactType<string>("page"), format: "page", reads: ["page"] };
  const page = (visualize: boolean) => ({
    ...plain,
    save: (value: string, files: { write(path: string, body: string): Promise<void> }) => files.write("p", value),
    load: async (files: { text(path: string): Promise<string> }) => files.text("p"),
    ...(visualize && {
      visualize: (value: string) => [{ name: "page", mediaType: "text/html" as const, body: value }],
    }),
  });
  const vaultOf = (visualize: boolean) =>
    new ArtifactVault({
      store: new MemoryArtifactStore(),
      materializers: builtInSource([page(visualize) as never]),
      root: "r",
    });
  const [bare, seen] = [vaultOf(false), vaultOf(true)];
  const without = await bare.save("<p>", { type: "page", location: bare.location("x") });
  const saved = await seen.save("<p>", { type: "page", location: seen.location("x") });
  assert.equal(saved.digest, without.digest);
  assert.deepEqual(saved.visualizations, [{ name: "page", mediaType: "text/html" }]);
  assert.equal(Buffer.from(await seen.visualization(saved, "page")).toString(), "<p>");
  await assert.rejects(seen.visualization(saved, "pag"), code("ARTIFACT_UNKNOWN"));
});

test("any name of an artifact gives a location that keys allow", async () => {
  const { vault } = open();
  for (const name of ["a", "ü/..", "..", ".", "a b%c'", "x".repeat(100), "\ud800"]) {
    const saved = await vault.save(1, { location: vault.location(name) });
    assert.equal(await vault.load(saved), 1);
  }
});

test.each([undefined, 0])("files of any name are kept apart from what core puts beside them", async (inHeadBytes) => {
  const names = ["visualizations/page", "hashed/x", "a", "a/b", "new\nline", "x".repeat(800), "back\\slash"];
  const odd = {
    type: artifactType<string>("odd"),
    format: "odd",
    reads: ["odd"],
    async save(_: string, files: { write(path: string, body: string): Promise<void> }) {
      for (const name of names) await files.write(name, name);
    },
    load: (files: { text(path: string): Promise<string> }) => Promise.all(names.map((name) => files.text(name))),
    visualize: () => [{ name: "page", mediaType: "text/plain" as const, body: "the page" }],
  };
  const objects = new Map<string, Uint8Array>();
  const opened = () =>
    new ArtifactVault({
      store: new MemoryArtifactStore(objects),
      materializers: builtInSource([odd as never]),
      root: "r",
      ...(inHeadBytes !== undefined && { inHeadBytes }),
    });
  const vault = opened();
  const saved = await vault.save("", { type: "odd", location: vault.location("x") });
  assert.deepEqual(await opened().load(saved), names);
  assert.equal(Buffer.from(await vault.visualization(saved, "page")).toString(), "the page");
  for (const bad of ["../x", "/x", "a//b", ".", "", "a\0b"]) {
    const climbing = {
      ...odd,
      save: (_: string, files: { write(path: string, body: string): Promise<void> }) => files.write(bad, ""),
    };
    const other = new ArtifactVault({
      store: new MemoryArtifactStore(objects),
      materializers: builtInSource([climbing as never]),
      root: "r",
    });
    await assert.rejects(other.save("", { type: "odd", location: other.location("x") }), code("KEY_INVALID"), bad);
  }
});

test("what is known about a value goes with it", async () => {
  const { vault } = open();
  assert.deepEqual((await vault.save(0.5, { location: vault.location("x") })).metadata, { value: 0.5 });
  class Forest {}
  const save = vault.save({ model: new Forest() }, { location: vault.location("x") });
  await assert.rejects(save, (error) => {
    assert.ok(TenonError.is(error, "MATERIALIZER_MISSING"));
    assert.match(error.message, /\$\.model is an instance of Forest/);
    return true;
  });
});
