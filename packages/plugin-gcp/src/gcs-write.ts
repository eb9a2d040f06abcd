import { randomUUID } from "node:crypto";
import type { Body } from "@tenon/core";
import { type BodyPart, bodyParts, committing, PartBuffers, uploadParts } from "@tenon/core/remote";
import { Crc32c } from "./crc32c.js";
import type { GcsApi } from "./gcs-api.js";
import { GcsRefusal } from "./gcs-errors.js";
import type { GcsObject } from "./gcs-object.js";
import { ResumableUpload } from "./gcs-resumable-upload.js";

/** What is not longer goes in one request. A multiple of 256 KiB, as the service demands of chunks. */
const chunkBytes = 8 << 20;
const taken = 412;
/** Says whose object it is, so that a writer knows its own again after an answer was lost. */
const writerField = "tenon-writer";

export interface WriteObjectOptions {
  readonly ifAbsent: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves to false if `ifAbsent` was asked for and the name is taken. */
export async function writeObject(
  api: GcsApi,
  name: string,
  body: Body,
  options: WriteObjectOptions,
): Promise<boolean> {
  const { signal } = options;
  const buffers = new PartBuffers();
  const parts = bodyParts(body, { partBytes: chunkBytes, signal, buffers });
  try {
    const first = await parts.next();
    if (first.done) throw new Error("a body has no part");
    if (first.value.last) return await writeAtOnce(api, name, first.value.bytes, options);
    return await writeInChunks(api, name, continued(first.value, parts), buffers, options);
  } finally {
    void parts.return().catch(() => undefined);
  }
}

async function writeAtOnce(
  api: GcsApi,
  name: string,
  bytes: Uint8Array,
  options: WriteObjectOptions,
): Promise<boolean> {
  const { ifAbsent, signal } = options;
  const writer = randomUUID();
  const crc32c = new Crc32c().update(bytes).toString();
  const metadata = { name, contentType: "application/octet-stream", crc32c, metadata: { [writerField]: writer } };
  const boundary = `tenon-${writer}`;
  const head = `--${boundary}\r\ncontent-type: application/json; charset=utf-8\r\n\r\n${JSON.stringify(metadata)}\r\n--${boundary}\r\ncontent-type: application/octet-stream\r\n\r\n`;
  const data = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--`)]);
  return api.retrying(async (triedBefore) => {
    const send = (late: AbortSignal) =>
      api.send<GcsObject>({
        method: "POST",
        url: api.uploads,
        query: { uploadType: "multipart", ...(ifAbsent && { ifGenerationMatch: 0 }) },
        headers: { "content-type": `multipart/related; boundary=${boundary}` },
        data,
        wanted: ifAbsent ? [taken] : [],
        timeoutMs: 600_000,
        signal: late,
      });
    const { status, data: object } = await committing(signal, send);
    if (status === taken) return triedBefore > 0 && (await isOwn(api, name, writer, signal));
    await assertStored(api, object, crc32c);
    return true;
  }, signal);
}

async function writeInChunks(
  api: GcsApi,
  name: string,
  parts: AsyncIterable<BodyPart>,
  buffers: PartBuffers,
  { ifAbsent, signal }: WriteObjectOptions,
): Promise<boolean> {
  const writer = randomUUID();
  const metadata = { contentType: "application/octet-stream", metadata: { [writerField]: writer } };
  const upload = await ResumableUpload.begin(api, { name, metadata, ifAbsent }, signal);
  if (!upload) return false;
  let finished = false;
  try {
    // The chunks of an upload go one after the other; meanwhile the next one is gathered.
    let before: Promise<GcsObject | "taken" | undefined> = Promise.resolve(undefined);
    const answers = await uploadParts(parts, {
      atOnce: 2,
      signal,
      send({ bytes, last }, stop) {
        const sent = before.then(async (earlier) => {
          if (earlier !== undefined) return earlier;
          try {
            return await (last
              ? committing(stop, (late) => upload.send(bytes, true, late))
              : upload.send(bytes, false, stop));
          } finally {
            buffers.give(bytes);
          }
        });
        sent.catch(() => undefined);
        before = sent;
        return sent;
      },
    });
    const last = answers.at(-1);
    finished = typeof last === "object";
    if (typeof last !== "object") return false;
    await assertStored(api, last, upload.checksum);
    return true;
  } finally {
    if (!finished) await upload.cancel();
  }
}

async function* continued(first: BodyPart, rest: AsyncIterable<BodyPart>): AsyncGenerator<BodyPart> {
  yield first;
  yield* rest;
}

/** After a conflict that may be with oneself: an earlier try, whose answer was lost. */
async function isOwn(api: GcsApi, name: string, writer: string, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    const { data } = await api.ask<GcsObject>({ url: api.object(name), query: { fields: "metadata" }, signal });
    return data.metadata?.[writerField] === writer;
  } catch (error) {
    if (error instanceof GcsRefusal && error.status === 404) return false;
    throw error;
  }
}

/** The service refuses what differs from the checksum that it is sent; a server that does not look at it is found out. */
async function assertStored(api: GcsApi, object: GcsObject, crc32c: string): Promise<void> {
  if (object.crc32c === undefined || object.crc32c === crc32c) return;
  const { name, generation } = object;
  const url = api.object(name);
  await api.ask({ method: "DELETE", url, query: { ifGenerationMatch: generation }, wanted: [404, taken] });
  throw new GcsRefusal(400, `the checksum of what arrived, crc32c ${object.crc32c}, is not ${crc32c}`);
}
