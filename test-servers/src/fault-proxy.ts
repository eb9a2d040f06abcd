import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout } from "node:timers/promises";

export interface ProxiedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  /** From 1, in the order in which they came. */
  readonly number: number;
}

export interface Fault {
  /** Answers in the server's place; what was sent is not passed on. */
  readonly answer?: { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> };
  /** Breaks the connection once so many bytes of the request's body have been passed on. */
  readonly cutRequestAfter?: number;
  /** Breaks the connection once so many bytes of the answer's body have been passed on. */
  readonly cutAnswerAfter?: number;
  /** Lets the server do what was asked, and breaks the connection instead of passing on its answer. */
  readonly loseAnswer?: boolean;
  /** Waits before it passes the request on, in milliseconds. */
  readonly delayMs?: number;
  /** Headers that the server does not get to see. */
  readonly dropHeaders?: readonly string[];
}

export interface FaultProxy {
  readonly endpoint: string;
  /** Every request so far. */
  readonly requests: readonly ProxiedRequest[];
  /** What to do to requests from now on; by default nothing. */
  plan: (request: ProxiedRequest) => Fault | undefined;
  stop(): Promise<void>;
}

/** A proxy in front of an HTTP server that does harm as it is told. */
export async function startFaultProxy(port: number): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = "", url = "", headers } = incoming;
    const proxied = { method, url, headers, number: requests.length + 1 };
    requests.push(proxied);
    incoming.on("error", () => undefined);
    void pass(incoming, outgoing, port, proxy.plan(proxied) ?? {});
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    requests,
    plan: () => undefined,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, port: number, fault: Fault): Promise<void> {
  if (fault.delayMs) await setTimeout(fault.delayMs);
  if (fault.answer) {
    for await (const _ of incoming);
    const { status, body = "", headers } = fault.answer;
    outgoing.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
    return;
  }
  const { expect: _, ...headers } = incoming.headers;
  for (const name of fault.dropHeaders ?? []) delete headers[name];
  const { method, url } = incoming;
  const upstream = request({ host: "127.0.0.1", port, method, path: url, headers, agent: false });
  const { socket } = incoming;
  const cut = () => {
    socket.destroy();
    upstream.destroy();
  };
  upstream.on("error", cut);
  incoming.on("close", () => {
    if (!outgoing.writableFinished && incoming.destroyed && !incoming.complete) upstream.destroy();
  });
  upstream.on("response", (answer) => {
    answer.on("error", cut);
    if (fault.loseAnswer) {
      answer.resume().on("end", cut);
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
    let passed = 0;
    answer.on("data", (bytes: Buffer) => {
      const left = (fault.cutAnswerAfter ?? Number.POSITIVE_INFINITY) - passed;
      passed += bytes.length;
      if (bytes.length < left) {
        if (!outgoing.write(bytes)) {
          answer.pause();
          outgoing.once("drain", () => answer.resume());
        }
        return;
      }
      answer.pause();
      outgoing.write(bytes.subarray(0, left), cut);
    });
    answer.on("end", () => outgoing.end());
    outgoing.on("close", () => upstream.destroy());
  });
  await send(incoming, upstream, fault.cutRequestAfter, cut);
}

async function send(
  incoming: IncomingMessage,
  upstream: ReturnType<typeof request>,
  cutAfter: number | undefined,
  cut: () => void,
): Promise<void> {
  let passed = 0;
  try {
    for await (const bytes of incoming as AsyncIterable<Buffer>) {
      passed += bytes.length;
      if (cutAfter !== undefined && passed >= cutAfter) {
        cut();
        return;
      }
      if (!upstream.write(bytes)) await drainedOrClosed(upstream);
    }
    upstream.end();
  } catch {
    cut();
  }
}

function drainedOrClosed(stream: ReturnType<typeof request>): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      stream.off("drain", go).off("close", go);
      resolve();
    };
    stream.on("drain", go).on("close", go);
  });
}
