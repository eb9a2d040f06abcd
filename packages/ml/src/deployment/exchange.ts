import type { IncomingHttpHeaders } from "node:http";
import { RequestError } from "./request-error.js";
import type { ServedModel } from "./served-model.js";

/** A request, as the protocols see it. */
export interface Call {
  readonly method: string;
  /** Decoded segments of the path: `["v2", "models", "churn", "infer"]`. */
  readonly path: readonly string[];
  readonly headers: IncomingHttpHeaders;
  /** The whole body. @throws `REQUEST_INVALID`, 413, if it is larger than the server takes */
  body(): Promise<Buffer>;
  /** A signal that fires when whoever asked has gone. */
  gone(): AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly body: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many rows were predicted, for the metrics. */
  readonly rows?: number;
}

/** What the protocols ask the server for. */
export interface Surface {
  /** False once the server drains. */
  readonly accepting: boolean;
  /** @throws `REQUEST_INVALID`, 404, for another model or version than the one that is served */
  served(name: string, version?: string): ServedModel;
}

export function jsonAnswer(value: unknown, status = 200, headers: Answer["headers"] = {}): Answer {
  return { status, body: JSON.stringify(value), headers: { "content-type": "application/json", ...headers } };
}

/** What a path below `models` names. */
export interface ModelPlace {
  readonly name: string;
  readonly version: string | undefined;
  readonly action: string | undefined;
}

/** Of `/…/models/{name}[/versions/{version}][/{action}]`. @throws `REQUEST_INVALID`, 404, for any other path */
export function modelPlace(call: Call, path = call.path): ModelPlace {
  const [, area, name, ...rest] = path;
  const versioned = rest[0] === "versions";
  const [version, action, extra] = versioned ? rest.slice(1) : [undefined, ...rest];
  if (area === "models" && name !== undefined && extra === undefined && (!versioned || version !== undefined)) {
    return { name, version, action };
  }
  throw nothingThere(call);
}

export function nothingThere({ path }: Call, fix?: string): RequestError {
  return new RequestError(404, `there is nothing at /${path.join("/")}`, fix);
}

/** @throws `REQUEST_INVALID` */
export function parseJson(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch (error) {
    throw new RequestError(400, `the body is not JSON: ${(error as Error).message}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new RequestError(400, "the body is not a JSON object");
}

/** @throws `REQUEST_INVALID`, 405 */
export function only(method: "GET" | "POST", call: Call): void {
  const allowed = method === "GET" ? ["GET", "HEAD"] : [method];
  if (allowed.includes(call.method)) return;
  const found = `${call.method} is not answered at /${call.path.join("/")}`;
  throw new RequestError(405, found, `Use ${method}.`, { allow: allowed.join(", ") });
}
