import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, pack } from "tar-stream";
import { TenonError } from "../errors.js";

/** What goes into an archive, or came out of one: content by path, relative and with `/`. */
export interface ArchivedFile {
  readonly content: Uint8Array;
  readonly executable: boolean;
}

export interface Archive {
  readonly bytes: Uint8Array;
  /** Of the bytes: `sha256:…`. */
  readonly digest: string;
}

const earliest = new Date(0);

/**
 * Equal files give equal bytes on every machine: a tar of plain files in the order of their paths, without times, owners
 * or compression (what a compressor writes changes with its version).
 */
export async function packFiles(files: ReadonlyMap<string, ArchivedFile>): Promise<Archive> {
  const packing = pack();
  const reading = Readable.from(packing).toArray();
  for (const path of [...files.keys()].sort()) {
    const { content, executable } = files.get(path) as ArchivedFile;
    const header = {
      name: path,
      mode: executable ? 0o755 : 0o644,
      mtime: earliest,
      uid: 0,
      gid: 0,
      uname: "",
      gname: "",
    };
    packing.entry(header, Buffer.from(content.buffer, content.byteOffset, content.byteLength));
  }
  packing.finalize();
  const bytes = Buffer.concat((await reading) as Buffer[]);
  return { bytes, digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}` };
}

/**
 * Writes the files of an archive below an empty directory. What was written is worth nothing if it throws.
 *
 * @throws `CODE_CORRUPT` if the bytes are not those of the digest, or hold what `packFiles` never writes
 */
export async function unpackFiles(bytes: AsyncIterable<Uint8Array>, directory: string, digest: string): Promise<void> {
  const doing = `unpacking the code ${digest}`;
  const hash = createHash("sha256");
  const seen = new Set<string>();
  const reader = extract();
  const hashed = async function* () {
    for await (const piece of bytes) {
      hash.update(piece);
      yield piece;
    }
  };
  const writing = async () => {
    for await (const entry of reader) {
      const { name, type, mode } = entry.header;
      const fault = faultOf(name, type, seen);
      if (fault !== undefined) throw corrupt(doing, fault);
      seen.add(name);
      const file = join(directory, ...name.split("/"));
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(file, "wx", (mode ?? 0) & 0o100 ? 0o755 : 0o644);
      try {
        for await (const piece of entry) await handle.write(piece as Uint8Array);
      } finally {
        await handle.close();
      }
    }
  };
  try {
    await Promise.all([pipeline(Readable.from(hashed()), reader), writing()]);
  } catch (cause) {
    if (TenonError.is(cause)) throw cause;
    // What reading and writing files says is no fault of the archive.
    if ((cause as NodeJS.ErrnoException).syscall !== undefined) throw cause;
    throw corrupt(doing, cause instanceof Error ? cause.message : String(cause), cause);
  }
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw corrupt(doing, `its bytes have the digest ${found}`);
}

/** Nothing may be written but files below the directory, each once. */
function faultOf(name: string, type: string | null | undefined, seen: ReadonlySet<string>): string | undefined {
  if (type !== "file") return `it holds '${name}', which is a ${type}`;
  const segments = name.split("/");
  const leaves = segments.some((segment) => segment === "" || segment === "." || segment === "..");
  if (leaves || /[\\\0]|^[A-Za-z]:/.test(name)) return `it holds '${name}', which is no path below a directory`;
  return seen.has(name) ? `it holds '${name}' twice` : undefined;
}

function corrupt(doing: string, found: string, cause?: unknown): TenonError {
  return new TenonError("CODE_CORRUPT", {
    doing,
    found,
    fix: "Delete the object, and start or resume the run again: its code is then packed anew.",
    ...(cause !== undefined && { cause }),
  });
}
