import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { TenonError } from "@tenon/core";
import { type Answer, type Call, jsonAnswer, nothingThere, only } from "./exchange.js";
import { openInference } from "./open-inference.js";
import { messageFor, RequestError, statusOf } from "./request-error.js";
import type { ServedModel } from "./served-model.js";
import { ServerMetrics } from "./server-metrics.js";
import { tensorflowServing } from "./tensorflow-serving.js";

export interface ModelServerOptions {
  /** By default 127.0.0.1: only this machine can ask. */
  readonly host?: string;
  /** By default 0: any that is free. */
  readonly port?: number;
  /** The largest body of a request, in bytes; by default 16 MiB. */
  readonly largestBody?: number;
  /** Said in the header `tenon-deployment`, so that a deployer knows its own. */
  readonly id?: string;
  /** Told of what fails on the server's side. */
  onError?(error: unknown): void;
}

interface Slot {
  readonly served: ServedModel;
  requests: number;
  retired: boolean;
}

/** Serves one version of a model over HTTP, and another one from one request to the next. */
export class ModelServer {
  readonly metrics = new ServerMetrics();
  readonly #options: ModelServerOptions;
  readonly #server: Server;
  #slot: Slot;
  #draining = false;

  constructor(served: ServedModel, options: ModelServerOptions = {}) {
    this.#options = options;
    this.#slot = { served, requests: 0, retired: false };
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  get served(): ServedModel {
    return this.#slot.served;
  }

  /** The root of the interface; once it listens. */
  get url(): string {
    const { address, port, family } = this.#server.address() as AddressInfo;
    return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** @throws `DEPLOYMENT_FAILED` if the port is taken, or the host is not this machine's */
  async listen(): Promise<void> {
    const { host = "127.0.0.1", port = 0 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause: NodeJS.ErrnoException) =>
        reject(
          new TenonError("DEPLOYMENT_FAILED", {
            doing: `listening on ${host}:${port}`,
            found: cause.code === "EADDRINUSE" ? "something else listens there" : cause.message,
            fix: "Choose another port; 0 takes any that is free.",
            cause,
          }),
        ),
      );
      this.#server.listen(port, host, resolve);
    });
  }

  /**
   * From the next request on another version answers; the former one is disposed of once its requests are answered. A server
   * that drains takes no other version.
   */
  replace(served: ServedModel): void {
    if (this.#draining) {
      served.model.dispose();
      return;
    }
    const former = this.#slot;
    this.#slot = { served, requests: 0, retired: false };
    former.retired = true;
    release(former);
    this.metrics.reloads += 1;
  }

  /** Takes no more requests, answers those that it has, and closes. @param patience milliseconds until they are cut off */
  async drain(patience = 30_000): Promise<void> {
    if (this.#draining) return;
    this.#draining = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), patience);
    await closed;
    clearTimeout(timer);
    this.#slot.retired = true;
    release(this.#slot);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = performance.now();
    const slot = this.#slot;
    slot.requests += 1;
    this.metrics.inFlight += 1;
    const path = segments(request.url ?? "/");
    let answer: Answer;
    try {
      answer = await this.#answer(path, request, slot.served, response);
    } catch (error) {
      const status = statusOf(error);
      if (status >= 500 && !response.destroyed) this.#options.onError?.(error);
      answer = jsonAnswer({ error: messageFor(error) }, status, error instanceof RequestError ? error.headers : {});
    }
    this.#send(request, response, answer);
    slot.requests -= 1;
    this.metrics.inFlight -= 1;
    const protocol = path[0] === "v1" || path[0] === "v2" ? path[0] : "other";
    this.metrics.answered(protocol, answer.status, (performance.now() - started) / 1000, answer.rows ?? 0);
    release(slot);
  }

  async #answer(
    path: readonly string[],
    request: IncomingMessage,
    current: ServedModel,
    response: ServerResponse,
  ): Promise<Answer> {
    const call: Call = {
      method: request.method ?? "GET",
      path,
      headers: request.headers,
      gone: () => whenGone(response),
      body: () => readBody(request, this.#options.largestBody ?? 16 * 1024 * 1024),
    };
    const surface = {
      accepting: !this.#draining,
      served: (name: string, version?: string) => checkedName(current, name, version),
    };
    if (path[0] === "v2") return openInference(call, surface);
    if (path[0] === "v1") return tensorflowServing(call, surface);
    if (path[0] === "metrics" && path.length === 1) {
      only("GET", call);
      return {
        status: 200,
        body: this.metrics.text(current),
        headers: { "content-type": "text/plain; version=0.0.4" },
      };
    }
    throw nothingThere(call, "Ask at /v2, /v1 or /metrics.");
  }

  #send(request: IncomingMessage, response: ServerResponse, { status, body, headers }: Answer): void {
    const { id } = this.#options;
    // What is left of a body that was too large, or not asked for, is not worth reading.
    const hangUp = this.#draining || (!request.complete && request.method === "POST");
    response.writeHead(status, {
      ...headers,
      "content-length": Buffer.byteLength(body),
      ...(id !== undefined && { "tenon-deployment": id }),
      ...(hangUp && { connection: "close" }),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }
}

/** Made only for requests that take long: a signal costs as much as a small prediction. */
function whenGone(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

function release(slot: Slot): void {
  if (slot.retired && slot.requests === 0) slot.served.model.dispose();
}

function segments(url: string): string[] {
  const path = url.split("?", 1)[0] as string;
  return path
    .split("/")
    .filter((segment) => segment !== "")
    .map((segment) => {
      try {
        return decodeURIComponent(segment);
      } catch {
        return segment;
      }
    });
}

function checkedName(served: ServedModel, name: string, version: string | undefined): ServedModel {
  if (name !== served.name) throw new RequestError(404, `there is no model '${name}'; served is '${served.name}'`);
  if (version === undefined || version === served.version) return served;
  throw new RequestError(
    404,
    `version '${version}' of the model '${name}' is not served; served is version ${served.version}`,
  );
}

async function readBody(request: IncomingMessage, largest: number): Promise<Buffer> {
  const tooLarge = (found: string) =>
    new RequestError(413, `the body has ${found}, and ${largest} bytes are taken at most`);
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    throw new RequestError(415, `the body is encoded as '${encoding}'`, "Send it as it is.");
  }
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > largest) throw tooLarge(`${announced} bytes`);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const take = (piece: Buffer) => {
      size += piece.length;
      if (size <= largest) pieces.push(piece);
      else {
        request.off("data", take);
        request.pause();
        reject(tooLarge(`more than ${largest} bytes`));
      }
    };
    request.on("data", take);
    request.once("end", () => resolve(pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)));
    request.once("error", () => reject(new RequestError(400, "the body ended too early")));
    request.once("aborted", () => reject(new RequestError(400, "the body ended too early")));
  });
}
