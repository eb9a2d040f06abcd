import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Header, pack } from "tar-stream";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ArchivedFile, packFiles, unpackFiles } from "./archive.js";

const file = (text: string, executable = false): ArchivedFile => ({ content: Buffer.from(text), executable });
const files = new Map([
  ["src/fit.ts", file("export const fit = 1;\n")],
  ["bin/start.sh", file("#!/bin/sh\n", true)],
  [`data/${"long".repeat(40)}/größe.json`, file("[1]")],
  ["empty", file("")],
]);

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "tenon-archive-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** As a stream that arrives in small pieces. */
async function* pieces(bytes: Uint8Array, size = 700): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

describe("an archive", () => {
  test("of equal files has equal bytes, in whatever order they come", async () => {
    const one = await packFiles(files);
    const other = await packFiles(new Map([...files].reverse()));
    expect(other.digest).toBe(one.digest);
    expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
    // On every machine, with every version of Node and of the library.
    expect(one.digest).toBe("sha256:8ca5105f65dffe342ac87317eea0e867ef7337ea83d882c1431793d83a8fc63c");
  });

  test("is another one for another content, path or mode", async () => {
    const { digest } = await packFiles(files);
    for (const changed of [
      new Map([...files, ["empty", file(" ")] as const]),
      new Map([...files, ["bin/start.sh", file("#!/bin/sh\n")] as const]),
      new Map([...files].map(([path, one]) => [path.replace("fit", "fat"), one] as const)),
    ]) {
      expect((await packFiles(changed)).digest).not.toBe(digest);
    }
  });

  test("gives back what went in", async () => {
    const { bytes, digest } = await packFiles(files);
    const place = directory();
    await unpackFiles(pieces(bytes), place, digest);
    for (const [path, { content, executable }] of files) {
      expect(readFileSync(join(place, path))).toEqual(content);
      expect((statSync(join(place, path)).mode & 0o100) !== 0).toBe(executable);
    }
  });

  test("with any byte changed, cut off or added is refused", async () => {
    const { bytes, digest } = await packFiles(files);
    const changed = Buffer.from(bytes);
    changed[600] = (changed[600] ?? 0) ^ 1;
    for (const wrong of [changed, bytes.subarray(0, 1500), Buffer.concat([bytes, Buffer.alloc(512)])]) {
      await expect(unpackFiles(pieces(wrong), directory(), digest)).rejects.toMatchObject({ code: "CODE_CORRUPT" });
    }
  });

  const hostile: readonly (readonly [string, Partial<Header>])[] = [
    ["a path that leaves the directory", { name: "../outside" }],
    ["a path that leaves it in its middle", { name: "a/../../outside" }],
    ["an absolute path", { name: "/tmp/outside" }],
    ["a path of another system", { name: "..\\outside" }],
    ["a drive", { name: "C:/outside" }],
    ["a symbolic link", { name: "link", type: "symlink", linkname: "/etc" }],
    ["a hard link", { name: "link", type: "link", linkname: "/etc/passwd" }],
    ["a device", { name: "device", type: "character-device" }],
  ];
  test.each(hostile)("with %s is refused, and nothing lies outside of the directory", async (_, header) => {
    const bytes = await packed([header]);
    const place = directory();
    const inner = join(place, "inner");
    mkdirSync(inner);
    await expect(unpackFiles(pieces(bytes), inner, "sha256:0")).rejects.toMatchObject({ code: "CODE_CORRUPT" });
    expect(readdirSync(place)).toEqual(["inner"]);
    expect(readdirSync(inner)).toEqual([]);
  });

  test("with one path twice is refused", async () => {
    const bytes = await packed([{ name: "a" }, { name: "a" }]);
    await expect(unpackFiles(pieces(bytes), directory(), "sha256:0")).rejects.toThrow("'a' twice");
  });
});

async function packed(headers: readonly Partial<Header>[]): Promise<Buffer> {
  const packing = pack();
  for (const header of headers) {
    if (header.type === undefined) packing.entry(header as Header, "text");
    else packing.entry(header as Header);
  }
  packing.finalize();
  const parts: Buffer[] = [];
  for await (const part of packing) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
