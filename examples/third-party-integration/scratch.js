import { assertKey, bodyPieces, collectBody, compareKeys, TenonError } from "@tenon/core";
import { url } from "./index.js";

const save = (value, files) => files.write("url", value.href);
const load = async (files) => new URL(await files.text("url"));
export const materializer = { type: url, format: "url", reads: ["url"], save, load };

export function create() {
  const objects = new Map();
  const check = (key, signal) => assertKey(key) ?? signal?.throwIfAborted();
  const entry = (key) => (objects.has(key) ? { key, size: objects.get(key).length } : undefined);
  const stat = async (key, { signal } = {}) => check(key, signal) ?? entry(key);
  const remove = async (key, { signal } = {}) => check(key, signal) ?? void objects.delete(key);
  async function write(key, body, { ifAbsent, signal } = {}) {
    const bytes = await collectBody(body, check(key, signal) ?? signal);
    return !(ifAbsent && objects.has(key)) && Boolean(objects.set(key, bytes));
  }
  async function* read(key, { range, signal } = {}) {
    if (await stat(key, { signal })) yield* bodyPieces(objects.get(key), range, signal);
    else throw new TenonError("ARTIFACT_MISSING", { doing: `reading '${key}'`, found: "there is no such object" });
  }
  async function list(prefix, { after = "", limit = 1000, signal } = {}) {
    signal?.throwIfAborted();
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && compareKeys(key, after) > 0);
    const entries = keys.sort(compareKeys).slice(0, limit).map(entry);
    return keys.length > limit ? { entries, next: keys[limit - 1] } : { entries };
  }
  return { write, read, stat, list, delete: remove, uri: (key) => `scratch:${key}` };
}
