import { Readable } from "node:stream";
import { assertKey, compareKeys, TenonError } from "@tenon/core";
import { url } from "./index.js";

const save = (value, files) => files.write("url", value.href);
const load = async (files) => new URL(await files.text("url"));
export const materializer = { type: url, format: "url", reads: ["url"], save, load };

export function create() {
  const objects = new Map();
  const stat = async (key) => (objects.has(key) ? { key, size: objects.get(key).length } : undefined);
  async function write(key, body, { ifAbsent, signal } = {}) {
    const parts = await Readable.from(body instanceof Uint8Array ? [body] : body).toArray({ signal });
    return !(ifAbsent && objects.has(key)) && Boolean(objects.set(assertKey(key) ?? key, Buffer.concat(parts)));
  }
  async function* read(key, { range = {}, signal } = {}) {
    signal?.throwIfAborted();
    if (!objects.has(key)) throw new TenonError("ARTIFACT_MISSING", { doing: `reading ${key}`, found: "it is gone" });
    yield objects.get(key).subarray(range.start, range.end);
  }
  async function list(prefix, { after = "", limit = 1000 } = {}) {
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
    const entries = await Promise.all(keys.sort(compareKeys).slice(0, limit).map(stat));
    return keys.length > limit ? { entries, next: keys[limit - 1] } : { entries };
  }
  return { write, read, stat, list, delete: async (key) => void objects.delete(key), uri: (key) => `scratch:${key}` };
}
