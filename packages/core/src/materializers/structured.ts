import type { ArtifactReader, Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { jsonLines } from "./json-lines.js";
import { decodeNodes } from "./structured-decoder.js";
import { NotStructured, StructuredEncoder } from "./structured-nodes.js";
import { structured } from "./types.js";

const nodesPath = "value.jsonl";
const buffersPath = "buffers.bin";
const pieceCharacters = 1 << 18;

export const materializer: Materializer<unknown> = {
  type: structured,
  format: "structured/1",
  reads: ["structured/1", "json"],

  async save(value, files) {
    const encoder = new StructuredEncoder();
    const pieces = encode(encoder, value);
    const first = pieces.next().value ?? "";
    const second = pieces.next();
    if (second.done) await files.write(nodesPath, first);
    else await files.write(nodesPath, inBytes([first, second.value], pieces));
    if (encoder.buffers.length > 0) await files.write(buffersPath, inOrder(encoder.buffers));
  },

  async load(files) {
    if (files.format === "json") return JSON.parse(await files.text("value.json"));
    const nodes: unknown[] = [];
    for await (const node of jsonLines(files.stream(nodesPath), nodesPath)) nodes.push(node);
    return decodeNodes(nodes, await buffers(files));
  },

  metadata(value) {
    if (value instanceof Map || value instanceof Set) return { size: value.size };
    return Array.isArray(value) ? { length: value.length } : {};
  },
};

async function buffers(files: ArtifactReader): Promise<Uint8Array> {
  return files.files.some(({ path }) => path === buffersPath) ? files.bytes(buffersPath) : new Uint8Array();
}

function* encode(encoder: StructuredEncoder, value: unknown): Generator<string, void> {
  let text = "";
  try {
    for (const node of encoder.nodes(value)) {
      text += `${JSON.stringify(node)}\n`;
      if (text.length < pieceCharacters) continue;
      yield text;
      text = "";
    }
  } catch (error) {
    if (!(error instanceof NotStructured)) throw error;
    throw new TenonError("MATERIALIZER_MISSING", {
      doing: "saving a value as structured data",
      found: error.message,
      fix: "Return plain data, or declare an artifact type whose materializer saves this class.",
      cause: error,
    });
  }
  yield text;
}

async function* inBytes(head: readonly string[], rest: Iterable<string>): AsyncIterable<Uint8Array> {
  for (const pieces of [head, rest]) for (const piece of pieces) yield Buffer.from(piece);
}

async function* inOrder(parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}
