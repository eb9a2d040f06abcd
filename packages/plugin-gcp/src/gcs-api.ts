import { Readable } from "node:stream";
import type { Storage } from "@google-cloud/storage";
import { TenonError } from "@tenon/core";
import { retrying } from "@tenon/core/remote";
import { GcsRefusal, isTransient } from "./gcs-errors.js";

/** What the client's transport answers, as far as it is used. */
export interface GcsAnswer<T = unknown> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: T;
}

export interface GcsRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly data?: Buffer;
  readonly stream?: boolean;
  /** Other answers than those below 300 that are wanted. */
  readonly wanted?: readonly number[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface GcsOptions {
  readonly bucket: string;
  /** Parsed: the key of a service account. */
  readonly credentials?: Record<string, unknown> | undefined;
  readonly endpoint?: string | undefined;
  readonly anonymous?: boolean | undefined;
  /** How often a request that failed is repeated. */
  readonly retries?: number | undefined;
}

type Transport = { request(options: Record<string, unknown>): Promise<GcsAnswer> };

const patienceMs = 120_000;

/**
 * Requests of one bucket's JSON API, through the sign-in and transport of Google's client. Its own object methods are
 * not used: they cannot be cancelled, delete an object whose checksum differs, and are silent on open uploads.
 */
export class GcsApi {
  readonly bucket: string;
  readonly #objects: string;
  readonly #uploads: string;
  readonly #transport: Transport;
  readonly #retries: number;

  constructor(client: Storage, { bucket, anonymous = false, retries = 5 }: GcsOptions) {
    this.bucket = bucket;
    const address = client.apiEndpoint;
    this.#objects = `${address}/storage/v1/b/${encodeURIComponent(bucket)}/o`;
    this.#uploads = `${address}/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`;
    this.#retries = retries;
    const auth = client.authClient;
    const { DefaultTransporter } = auth.constructor as unknown as { DefaultTransporter: new () => Transport };
    this.#transport = anonymous ? new DefaultTransporter() : (auth as unknown as Transport);
  }

  get objects(): string {
    return this.#objects;
  }

  get uploads(): string {
    return this.#uploads;
  }

  object(name: string): string {
    return `${this.#objects}/${encodeURIComponent(name)}`;
  }

  /** @throws GcsRefusal for any answer but a success and those wanted. */
  async send<T>(request: GcsRequest): Promise<GcsAnswer<T>> {
    const {
      url,
      method = "GET",
      query,
      headers,
      data,
      stream = false,
      wanted = [],
      timeoutMs = patienceMs,
      signal,
    } = request;
    signal?.throwIfAborted();
    const inTime = timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : [];
    const answer = await this.#transport
      .request({
        url,
        method,
        params: query,
        ...bodyOf(data, headers),
        responseType: stream ? "stream" : "text",
        retry: false,
        validateStatus: () => true,
        signal: AbortSignal.any([...(signal ? [signal] : []), ...inTime]),
        // That of node-fetch never ends if a connection breaks in the middle of an answer.
        fetchImplementation: fetch,
      })
      .catch((error) => {
        throw original(error);
      });
    const { status } = answer;
    if (status < 300 || wanted.includes(status)) {
      const found = stream ? answer.data : parsed(answer.data);
      // A server of another kind, or a page for people to sign in to a network.
      if (status < 300 && typeof found === "string") throw new GcsRefusal(501, "the answer is not Cloud Storage's");
      return { status, headers: answer.headers, data: found as T };
    }
    throw refusalOf(status, stream ? await textOf(answer.data as AsyncIterable<Uint8Array>) : String(answer.data));
  }

  /** The same again as long as it fails in a way that passes. */
  ask<T>(request: GcsRequest): Promise<GcsAnswer<T>> {
    return this.retrying(() => this.send<T>(request), request.signal);
  }

  retrying<T>(work: (triedBefore: number) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return retrying(work, { isTransient, retries: this.#retries, signal });
  }
}

/** Loads Google's client. */
export async function openGcs(options: GcsOptions): Promise<GcsApi> {
  const { Storage } = await import("@google-cloud/storage");
  const { credentials, endpoint, anonymous = false } = options;
  const client = new Storage({
    ...(credentials && { credentials }),
    ...(endpoint && { apiEndpoint: endpoint, useAuthWithCustomEndpoint: !anonymous }),
  });
  return new GcsApi(client, options);
}

/** A secret's text as the key that it has to be; the text itself goes nowhere. */
export function parseCredentials(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const { client_email, private_key, type } = (value ?? {}) as Record<string, unknown>;
  if (
    (typeof client_email === "string" && typeof private_key === "string") ||
    (typeof type === "string" && type !== "service_account")
  )
    return value as Record<string, unknown>;
  throw new TenonError("STORE_SIGN_IN_FAILED", {
    doing: "reading the credentials of the artifact store gcs",
    found: "the secret is not the JSON of a Google key: it has no client_email and private_key",
    fix: "Let the secret hold the whole key file, or leave credentials out to use the machine's own.",
  });
}

const slowBytes = 1 << 20;
const sliceBytes = 1 << 18;

/** fetch copies what it is handed as a whole, so that what is long is handed over in slices. */
function bodyOf(data: Buffer | undefined, headers: GcsRequest["headers"]) {
  if (!data || data.length <= slowBytes) return { headers, data };
  const slices = function* () {
    for (let at = 0; at < data.length; at += sliceBytes) yield data.subarray(at, at + sliceBytes);
  };
  const stream = Readable.from(slices(), { objectMode: true, highWaterMark: 2 });
  return { headers: { ...headers, "content-length": String(data.length) }, data: stream, duplex: "half" };
}

/** The transport wraps what happened, and hangs the request with its token on it. */
function original(error: unknown): unknown {
  const { error: inner, response } = error as { error?: unknown; response?: unknown };
  return inner instanceof Error && response === undefined ? inner : error;
}

function parsed(data: unknown): unknown {
  if (typeof data !== "string" || data === "") return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

function refusalOf(status: number, text: string): GcsRefusal {
  const answer = parsed(text) as
    | { error?: { message?: unknown; errors?: readonly { reason?: unknown }[] } }
    | undefined;
  const error = typeof answer === "object" ? answer.error : undefined;
  const reason = error?.errors?.[0]?.reason;
  const message = typeof error?.message === "string" ? error.message : text;
  return new GcsRefusal(status, oneLine(message), typeof reason === "string" ? reason : undefined);
}

function oneLine(text: string): string {
  const line = text
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return line === "" ? "nothing more" : line.slice(0, 300);
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of stream) {
    pieces.push(piece);
    length += piece.length;
    if (length > 10_000) break;
  }
  return Buffer.concat(pieces).toString();
}
