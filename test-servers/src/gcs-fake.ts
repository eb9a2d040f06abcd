import { createHash, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { crc32c } from "./crc32c.js";

/**
 * A fake of Cloud Storage's JSON API, as far as its documentation goes and Tenon uses it: uploads (media, multipart,
 * resumable), downloads with ranges, lists with pages, preconditions, checksums. What only it has checked has not been
 * checked against Google's service.
 */
export interface GcsFake {
  readonly endpoint: string;
  readonly port: number;
  /** Uploads that were begun and neither finished nor cancelled. */
  openUploads(): number;
  createBucket(name: string): void;
  /** Changes a stored byte behind the service's back. */
  damage(bucket: string, name: string): void;
  stop(): Promise<void>;
}

interface StoredObject {
  readonly name: string;
  readonly bytes: Buffer;
  readonly generation: string;
  readonly crc32c: string;
  readonly md5Hash: string;
  readonly contentType: string;
  readonly metadata?: Record<string, string>;
}

interface ObjectMetadata {
  name?: string;
  crc32c?: string;
  md5Hash?: string;
  contentType?: string;
  metadata?: Record<string, string>;
}

interface Upload {
  readonly bucket: string;
  readonly metadata: ObjectMetadata;
  readonly precondition: string | null;
  readonly pieces: Buffer[];
  length: number;
  done?: StoredObject;
}

type Bucket = Map<string, StoredObject>;

const step = 256 * 1024;
const jsonType = { "content-type": "application/json; charset=UTF-8" };

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export async function startGcsFake(): Promise<GcsFake> {
  const buckets = new Map<string, Bucket>();
  const uploads = new Map<string, Upload>();
  let generation = Date.now() * 1000;

  const bucketOf = (name: string): Bucket => {
    const bucket = buckets.get(name);
    if (!bucket) throw new Refusal(404, "notFound", "The specified bucket does not exist.");
    return bucket;
  };
  const objectOf = (bucket: string, name: string, wanted?: string | null): StoredObject => {
    const found = bucketOf(bucket).get(name);
    if (!found || (wanted && wanted !== found.generation))
      throw new Refusal(404, "notFound", `No such object: ${bucket}/${name}`);
    return found;
  };
  const check = (bucket: string, name: string, precondition: string | null) => {
    if (precondition === null) return;
    if ((bucketOf(bucket).get(name)?.generation ?? "0") !== precondition)
      throw new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
  };
  const store = (
    bucket: string,
    metadata: ObjectMetadata,
    precondition: string | null,
    bytes: Buffer,
  ): StoredObject => {
    const { name = "" } = metadata;
    const length = Buffer.byteLength(name);
    if (length === 0) throw new Refusal(400, "required", "Required");
    if (
      length > 1024 ||
      /[\r\n]/.test(name) ||
      name === "." ||
      name === ".." ||
      name.startsWith(".well-known/acme-challenge/")
    )
      throw new Refusal(400, "invalid", `Invalid object name: '${name}'`);
    check(bucket, name, precondition);
    const sums = { crc32c: crc32c(bytes), md5Hash: md5(bytes) };
    for (const sum of ["crc32c", "md5Hash"] as const) {
      if (metadata[sum] !== undefined && metadata[sum] !== sums[sum])
        throw new Refusal(
          400,
          "invalid",
          `Provided ${sum} "${metadata[sum]}" doesn't match calculated ${sum} "${sums[sum]}".`,
        );
    }
    generation += 1;
    const stored: StoredObject = {
      name,
      bytes,
      generation: String(generation),
      ...sums,
      contentType: metadata.contentType ?? "application/octet-stream",
      ...(metadata.metadata && { metadata: metadata.metadata }),
    };
    bucketOf(bucket).set(name, stored);
    return stored;
  };
  const resource = (bucket: string, { bytes, ...rest }: StoredObject) => ({
    kind: "storage#object",
    id: `${bucket}/${rest.name}/${rest.generation}`,
    bucket,
    ...rest,
    size: String(bytes.length),
    metageneration: "1",
    storageClass: "STANDARD",
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", headers } = incoming;
    const url = new URL(incoming.url ?? "/", `http://${headers.host}`);
    const query = url.searchParams;
    const json = (status: number, value: unknown) =>
      outgoing.writeHead(status, jsonType).end(status === 204 ? "" : JSON.stringify(value));
    const upload = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/.exec(url.pathname);
    if (upload) {
      const bucket = decodeURIComponent(upload[1] ?? "");
      const id = query.get("upload_id");
      if (id !== null)
        return resume(incoming, outgoing, uploads, id, (each, bytes, sums) => {
          const stored = store(each.bucket, { ...each.metadata, ...sums }, each.precondition, bytes);
          return { stored, body: resource(each.bucket, stored) };
        });
      bucketOf(bucket);
      const precondition = query.get("ifGenerationMatch");
      const named = query.get("name") === null ? {} : { name: query.get("name") ?? "" };
      const body = await bodyOf(incoming);
      if (!body.whole) return;
      if (query.get("uploadType") === "resumable") {
        const metadata: ObjectMetadata = { ...(body.bytes.length > 0 ? JSON.parse(String(body.bytes)) : {}), ...named };
        check(bucket, metadata.name ?? "", precondition);
        const fresh = randomUUID();
        uploads.set(fresh, { bucket, metadata, precondition, pieces: [], length: 0 });
        url.searchParams.set("upload_id", fresh);
        outgoing.writeHead(200, { location: url.href, "x-guploader-uploadid": fresh, "content-length": 0 }).end();
        return;
      }
      if (query.get("uploadType") === "multipart") {
        const { metadata, bytes } = multipart(headers["content-type"] ?? "", body.bytes);
        json(200, resource(bucket, store(bucket, { ...metadata, ...named }, precondition, bytes)));
        return;
      }
      json(200, resource(bucket, store(bucket, named, precondition, body.bytes)));
      return;
    }
    const path = /^\/(?:download\/)?storage\/v1\/b\/([^/]+)(?:\/o(?:\/([^/]+))?)?$/.exec(url.pathname);
    if (!path) throw new Refusal(404, "notFound", "Not Found");
    const bucket = decodeURIComponent(path[1] ?? "");
    if (path[2] === undefined) {
      json(
        200,
        url.pathname.endsWith("/o")
          ? list(bucketOf(bucket), bucket, query, resource)
          : { name: bucket, ...(bucketOf(bucket) && {}) },
      );
      return;
    }
    const name = decodeURIComponent(path[2]);
    if (method === "DELETE") {
      const found = objectOf(bucket, name, query.get("generation"));
      check(bucket, name, query.get("ifGenerationMatch"));
      bucketOf(bucket).delete(found.name);
      outgoing.writeHead(204).end();
      return;
    }
    if (query.get("alt") === "media")
      media(outgoing, bucket, headers.range, () => objectOf(bucket, name, query.get("generation")));
    else json(200, resource(bucket, objectOf(bucket, name, query.get("generation"))));
  }

  const server = createServer((incoming, outgoing) => {
    incoming.on("error", () => undefined);
    answer(incoming, outgoing).catch((error) => {
      const { status, reason, message } =
        error instanceof Refusal ? error : new Refusal(500, "internalError", String(error));
      const errors = [{ message, domain: "global", reason }];
      incoming.resume();
      outgoing.writeHead(status, jsonType).end(JSON.stringify({ error: { code: status, message, errors } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    openUploads: () => [...uploads.values()].filter(({ done }) => !done).length,
    createBucket: (name) => void buckets.set(name, new Map()),
    damage(bucket, name) {
      const { bytes } = objectOf(bucket, name);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One request to an upload's own address: a chunk, a question how far it has come, or its end. */
async function resume(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  uploads: Map<string, Upload>,
  id: string,
  finish: (upload: Upload, bytes: Buffer, sums: ObjectMetadata) => { stored: StoredObject; body: unknown },
): Promise<void> {
  const upload = uploads.get(id);
  if (!upload) throw new Refusal(404, "notFound", "Upload not found.");
  if (incoming.method === "DELETE") {
    uploads.delete(id);
    outgoing.writeHead(499, { "content-length": 0 }).end();
    return;
  }
  const incomplete = () => {
    const range = upload.length > 0 ? { range: `bytes=0-${upload.length - 1}` } : {};
    outgoing.writeHead(308, { ...range, "content-length": 0 }).end();
  };
  const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(String(incoming.headers["content-range"]));
  if (!range) throw new Refusal(400, "badRequest", "Failed to parse Content-Range header.");
  const [, first, last, total] = range;
  const { bytes, whole } = await bodyOf(incoming);
  const end = total === "*" ? undefined : Number(total);
  if (!upload.done && first !== undefined) {
    const start = Number(first);
    if (start > upload.length) throw new Refusal(503, "backendError", "Invalid request. The bytes before are missing.");
    if (end === undefined && (Number(last) + 1 - start) % step !== 0)
      throw new Refusal(400, "badRequest", "Invalid request. There were bytes that are no multiple of 256 KiB.");
    const fresh = bytes.subarray(upload.length - start);
    // Of a request that broke off, whole steps are kept.
    const kept = whole ? fresh : fresh.subarray(0, fresh.length - (fresh.length % step));
    upload.pieces.push(kept);
    upload.length += kept.length;
  }
  if (!whole) return;
  if (upload.done === undefined && end !== upload.length) {
    incomplete();
    return;
  }
  const hash = String(incoming.headers["x-goog-hash"] ?? "");
  const crc = /crc32c=([^,]+)/.exec(hash)?.[1];
  let body: unknown = upload.done;
  if (!upload.done) {
    const finished = finish(upload, Buffer.concat(upload.pieces), crc === undefined ? {} : { crc32c: crc });
    upload.done = finished.stored;
    upload.pieces.length = 0;
    body = finished.body;
  } else {
    const { bytes: stored, ...rest } = upload.done;
    body = { ...rest, size: String(stored.length) };
  }
  outgoing.writeHead(200, jsonType).end(JSON.stringify(body));
}

function media(outgoing: ServerResponse, bucket: string, wanted: string | undefined, find: () => StoredObject): void {
  let found: StoredObject;
  try {
    found = find();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    outgoing.writeHead(error.status, { "content-type": "text/html; charset=UTF-8" }).end(error.message);
    return;
  }
  const { bytes, generation, contentType } = found;
  const headers = {
    "content-type": contentType,
    "x-goog-generation": generation,
    "x-goog-hash": `crc32c=${found.crc32c},md5=${found.md5Hash}`,
    "x-goog-stored-content-encoding": "identity",
    "x-goog-stored-content-length": String(bytes.length),
    etag: `${bucket}/${generation}`,
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(wanted ?? "");
  if (!range) {
    outgoing.writeHead(200, { ...headers, "content-length": bytes.length }).end(bytes);
    return;
  }
  const start = Number(range[1]);
  const end = range[2] === "" ? bytes.length : Math.min(Number(range[2]) + 1, bytes.length);
  if (start >= bytes.length) {
    outgoing.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end("Requested range not satisfiable");
    return;
  }
  const piece = bytes.subarray(start, end);
  outgoing
    .writeHead(206, {
      ...headers,
      "content-length": piece.length,
      "content-range": `bytes ${start}-${end - 1}/${bytes.length}`,
    })
    .end(piece);
}

function list(
  bucket: Bucket,
  name: string,
  query: URLSearchParams,
  resource: (bucket: string, object: StoredObject) => unknown,
): unknown {
  const prefix = query.get("prefix") ?? "";
  const token = query.get("pageToken");
  const start = Buffer.from(query.get("startOffset") ?? "");
  const after = token === null ? undefined : Buffer.from(token, "base64");
  const most = Math.min(1000, Number(query.get("maxResults") ?? 1000));
  const found = [...bucket.values()]
    .map((object) => ({ object, bytes: Buffer.from(object.name) }))
    .filter(
      ({ object, bytes }) =>
        object.name.startsWith(prefix) && bytes.compare(start) >= 0 && (!after || bytes.compare(after) > 0),
    )
    .sort((a, b) => a.bytes.compare(b.bytes));
  const page = found.slice(0, most);
  return {
    kind: "storage#objects",
    ...(page.length > 0 && { items: page.map(({ object }) => resource(name, object)) }),
    ...(found.length > most && { nextPageToken: page.at(-1)?.bytes.toString("base64") }),
  };
}

function multipart(type: string, body: Buffer): { metadata: ObjectMetadata; bytes: Buffer } {
  const boundary = /boundary="?([^";]+)"?/.exec(type)?.[1];
  if (boundary === undefined) throw new Refusal(400, "badRequest", "Missing multipart boundary.");
  const parts: Buffer[] = [];
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at >= 0; ) {
    const next = body.indexOf(mark, at + mark.length);
    if (next < 0) break;
    const part = body.subarray(at + mark.length, next);
    const blank = part.indexOf("\r\n\r\n");
    const end = part.subarray(part.length - 2).toString() === "\r\n" ? part.length - 2 : part.length;
    parts.push(part.subarray(blank + 4, end));
    at = next;
  }
  const [metadata, bytes] = parts;
  if (!metadata || !bytes) throw new Refusal(400, "badRequest", "Malformed multipart body.");
  return { metadata: JSON.parse(String(metadata)), bytes: Buffer.from(bytes) };
}

/** What came of a body; `whole` is false if the connection broke in its middle. */
async function bodyOf(incoming: IncomingMessage): Promise<{ bytes: Buffer; whole: boolean }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of incoming) pieces.push(piece as Buffer);
  } catch {
    return { bytes: Buffer.concat(pieces), whole: false };
  }
  return { bytes: Buffer.concat(pieces), whole: incoming.complete };
}

/** In slices: a hash takes less than 2 GiB at once. */
function md5(bytes: Buffer): string {
  const hash = createHash("md5");
  for (let start = 0; start < bytes.length; start += 1 << 28) hash.update(bytes.subarray(start, start + (1 << 28)));
  return hash.digest("base64");
}
