import { type ArtifactReader, collectBody, type Materializer } from "@tenon/core";

/** An artifact of files that somebody has written by hand. */
export function readerOf(files: Readonly<Record<string, string | Uint8Array>>): ArtifactReader {
  const bytes = async (path: string) => {
    const found = files[path];
    if (found === undefined) throw new Error(`no file ${path}`);
    return typeof found === "string" ? new TextEncoder().encode(found) : found;
  };
  const text = async (path: string) => new TextDecoder().decode(await bytes(path));
  return { format: "any", files: [], bytes, text, signal: undefined } as unknown as ArtifactReader;
}

/** What a materializer writes of a value. */
export async function filesOf<T>(materializer: Materializer<T>, value: T): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  await materializer.save(value, {
    signal: undefined,
    write: async (path, body) => {
      files[path] = typeof body === "string" ? Buffer.from(body) : await collectBody(body);
    },
  });
  return files;
}
