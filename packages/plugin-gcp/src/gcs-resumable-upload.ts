import { backoff } from "@tenon/core/remote";
import { Crc32c } from "./crc32c.js";
import type { GcsAnswer, GcsApi } from "./gcs-api.js";
import { GcsRefusal, isTransient } from "./gcs-errors.js";
import type { GcsObject } from "./gcs-object.js";

const incomplete = 308;
const taken = 412;
const cancelled = 499;
const chunkPatienceMs = 600_000;

export interface ResumableUploadOptions {
  readonly name: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Only if nothing has the name, judged when it begins and when it ends. */
  readonly ifAbsent: boolean;
  readonly retries?: number;
}

/**
 * One object in chunks. The service keeps what it has of it for a week, and shows nothing before the last chunk; it says
 * how far it has come, so that after a failure only what is missing is sent again.
 */
export class ResumableUpload {
  readonly #api: GcsApi;
  readonly #uri: string;
  readonly #retries: number;
  readonly #checksum = new Crc32c();
  #sent = 0;

  private constructor(api: GcsApi, uri: string, retries: number) {
    this.#api = api;
    this.#uri = uri;
    this.#retries = retries;
  }

  /** Undefined if the name is taken. */
  static async begin(
    api: GcsApi,
    options: ResumableUploadOptions,
    signal?: AbortSignal,
  ): Promise<ResumableUpload | undefined> {
    const { name, metadata, ifAbsent, retries = 5 } = options;
    const { status, headers } = await api.ask({
      method: "POST",
      url: api.uploads,
      query: { uploadType: "resumable", name, ...(ifAbsent && { ifGenerationMatch: 0 }) },
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-upload-content-type": "application/octet-stream",
      },
      data: Buffer.from(JSON.stringify(metadata)),
      wanted: ifAbsent ? [taken] : [],
      signal,
    });
    if (status === taken) return undefined;
    const uri = headers.location;
    if (!uri) throw new GcsRefusal(501, "an upload was begun without an address to send it to");
    return new ResumableUpload(api, uri, retries);
  }

  get checksum(): string {
    return this.#checksum.toString();
  }

  get length(): number {
    return this.#sent;
  }

  /**
   * Sends the next chunk, a multiple of 256 KiB unless it is the last. Resolves to the object after the last one, to
   * `taken` if somebody was faster, and to undefined before.
   */
  async send(bytes: Uint8Array, last: boolean, signal?: AbortSignal): Promise<GcsObject | "taken" | undefined> {
    this.#checksum.update(bytes);
    const start = this.#sent;
    const end = start + bytes.length;
    const total = last ? String(end) : "*";
    let from = start;
    let failures = 0;
    for (;;) {
      let answer: GcsAnswer<GcsObject>;
      try {
        answer =
          failures > 0
            ? await this.#put(undefined, `bytes */${total}`, false, signal)
            : await this.#put(bytes.subarray(from - start), rangeOf(from, end, total), last, signal);
        // The server has been asked how far it has come; what is left is sent anew.
        if (failures > 0 && answer.status === incomplete) {
          from = this.#reached(answer, start, end);
          if (from < end || last)
            answer = await this.#put(bytes.subarray(from - start), rangeOf(from, end, total), last, signal);
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof GcsRefusal && error.status === 404)
          throw new GcsRefusal(410, "the service has forgotten an upload before its end");
        failures += 1;
        if (failures > this.#retries || !isTransient(error)) throw error;
        await backoff(failures, { signal });
        continue;
      }
      if (answer.status === taken) return "taken";
      if (answer.status !== incomplete) {
        this.#sent = end;
        return answer.data;
      }
      const reached = this.#reached(answer, start, end);
      if (reached === end && !last) {
        this.#sent = end;
        return undefined;
      }
      failures = reached > from ? 0 : failures + 1;
      from = reached;
      if (failures > this.#retries) throw new GcsRefusal(503, "an upload does not get any further");
      if (failures > 0) await backoff(failures, { signal });
    }
  }

  /** Takes back what was sent, so that nothing of it is kept. */
  async cancel(): Promise<void> {
    const request = { method: "DELETE", url: this.#uri, wanted: [cancelled, 404, 410], timeoutMs: 10_000 } as const;
    // The service forgets it by itself in a week.
    await this.#api.send(request).catch(() => undefined);
  }

  #put(bytes: Uint8Array | undefined, range: string, last: boolean, signal: AbortSignal | undefined) {
    return this.#api.send<GcsObject>({
      method: "PUT",
      url: this.#uri,
      headers: {
        "content-range": range,
        "content-type": "application/octet-stream",
        ...(last && { "x-goog-hash": `crc32c=${this.checksum}` }),
      },
      data: bytes ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.alloc(0),
      wanted: [incomplete, taken],
      timeoutMs: chunkPatienceMs,
      signal,
    });
  }

  #reached({ headers }: GcsAnswer, start: number, end: number): number {
    const range = headers.range;
    const reached = range ? Number(range.slice(range.lastIndexOf("-") + 1)) + 1 : 0;
    if (reached >= start && reached <= end) return reached;
    throw new GcsRefusal(410, `the service has ${reached} bytes of an upload, and is sent those from ${start} on`);
  }
}

function rangeOf(from: number, end: number, total: string): string {
  return from === end ? `bytes */${total}` : `bytes ${from}-${end - 1}/${total}`;
}
