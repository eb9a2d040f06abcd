import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ArtifactReader, Materializer } from "@tenon/core";
import { collectBody } from "@tenon/core";

/** Saves a value by its materializer and loads it again, as another process would. */
export async function savedAndLoaded<T>(value: T, materializer: Materializer<T>): Promise<T> {
  const files = new Map<string, Uint8Array>();
  await materializer.save(value, {
    signal: undefined,
    write: async (path, body) => {
      files.set(path, typeof body === "string" ? Buffer.from(body) : await collectBody(body));
    },
  });
  const temporary = await mkdtemp(join(tmpdir(), "tenon-kit-"));
  try {
    return await materializer.load(readerOf(files, materializer.format, temporary));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function readerOf(files: ReadonlyMap<string, Uint8Array>, format: string, temporary: string): ArtifactReader {
  const bytes = async (path: string) => {
    const found = files.get(path);
    if (found) return found.slice();
    throw new Error(`it wrote no file '${path}'`);
  };
  return {
    format,
    signal: undefined,
    files: [...files].map(([path, { length }]) => ({ path, size: length })),
    bytes,
    text: async (path) => Buffer.from(await bytes(path)).toString("utf8"),
    async *stream(path, range) {
      yield (await bytes(path)).slice(range?.start, range?.end);
    },
    async directory() {
      for (const [path, body] of files) {
        await mkdir(dirname(join(temporary, path)), { recursive: true });
        await writeFile(join(temporary, path), body);
      }
      return temporary;
    },
  };
}
