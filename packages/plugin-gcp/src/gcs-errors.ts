import { TenonError } from "@tenon/core";
import { BodyCutShort, connectionFault, type RemoteFault, remoteError } from "@tenon/core/remote";

/** An answer of the service that is no success. */
export class GcsRefusal extends Error {
  override readonly name = "GcsRefusal";

  constructor(
    readonly status: number,
    message: string,
    /** The service's word for it: `forbidden`, `rateLimitExceeded`. */
    readonly reason?: string,
  ) {
    super(message);
  }
}

/** Whether it is the bucket that is not there, and not an object in it. */
export function isBucketMissing(error: unknown): boolean {
  return (
    error instanceof GcsRefusal && error.status === 404 && /bucket does not exist|no such bucket/i.test(error.message)
  );
}

function isChecksumRefused(status: number, message: string): boolean {
  return status === 400 && /crc32c|md5|hash|checksum/i.test(message);
}

const throttling = /^(userR|r)ateLimitExceeded$/;

/** Whether asking again may succeed. */
export function isTransient(error: unknown): boolean {
  if (error instanceof GcsRefusal) {
    const { status, reason = "", message } = error;
    if (isChecksumRefused(status, message)) return true;
    return [408, 429, 500, 502, 503, 504].includes(status) || throttling.test(reason);
  }
  return error instanceof BodyCutShort || isBroken(error) || /EAI_AGAIN/.test(codeOf(error));
}

function isBroken(error: unknown): boolean {
  return (
    connectionFault(error)?.fault === "unreachable" || /^UND_ERR_\w*TIMEOUT$/.test(codeOf(error)) || isTimeout(error)
  );
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** Of an error or what caused it. */
function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: unknown };
  return typeof code === "string" ? code : cause instanceof Error ? codeOf(cause) : "";
}

interface Reading {
  readonly fault: RemoteFault;
  readonly found: string;
  readonly fix?: string;
}

/** Gives what went wrong with a bucket a code and advice; what is no failure of the service stays as it is. */
export function gcsError(error: unknown, { doing, permission }: { doing: string; permission?: string }): unknown {
  if (TenonError.is(error)) return error;
  const reading = error instanceof GcsRefusal ? ofRefusal(error, permission) : ofFailure(error);
  if (!reading) return error;
  const status = error instanceof GcsRefusal ? { status: error.status } : {};
  return remoteError({
    ...reading,
    doing,
    details: { ...status, ...(reading.fault === "denied" && permission && { permission }) },
    cause: error,
  });
}

function ofRefusal({ status, reason = "", message }: GcsRefusal, permission: string | undefined): Reading {
  const found = `the service answers ${status}: ${message}`;
  if (status === 401) return { fault: /expired/i.test(message) ? "expired" : "sign-in", found };
  if (status === 429 || throttling.test(reason)) return { fault: "throttled", found };
  if (/quotaExceeded|dailyLimitExceeded/.test(reason)) return { fault: "quota", found };
  if (
    /retentionPolicyNotMet|objectUnderActiveHold|retention policy|legal hold|temporary hold|event-based hold/i.test(
      `${reason} ${message}`,
    )
  )
    return { fault: "locked", found };
  if (status === 403) {
    if (reason === "accountDisabled" || /billing/i.test(message))
      return { fault: "denied", found, fix: "Enable billing for the bucket's project." };
    const fix = permission && `Give the identity that this process uses the permission ${permission} on the bucket.`;
    return { fault: "denied", found, ...(fix && { fix }) };
  }
  if (status === 404) return { fault: "missing", found };
  if (isChecksumRefused(status, message))
    return { fault: "unreachable", found, fix: "The bytes were changed on their way; go on with tenon run resume." };
  if (status === 408 || status === 410 || (status >= 500 && status !== 501)) return { fault: "unreachable", found };
  return { fault: "unsuitable", found, fix: "Check the bucket and the endpoint in the component's configuration." };
}

/** What came before any answer: credentials, and the way to the server. */
function ofFailure(error: unknown): Reading | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message } = error;
  const answered = (error as { response?: { data?: { error?: unknown; error_description?: unknown } } }).response?.data;
  const text = `${message} ${answered?.error ?? ""} ${answered?.error_description ?? ""}`;
  if (/could not load the default credentials/i.test(message)) {
    return {
      fault: "sign-in",
      found: "there are no credentials here",
      fix: "Sign in with gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a key's file.",
    };
  }
  if (/reasonable timeframe|iat and exp/i.test(text))
    return { fault: "clock", found: "the sign-in is refused, as this machine's clock is wrong" };
  if (/invalid_rapt|reauth|expired or revoked/i.test(text))
    return { fault: "expired", found: "the sign-in has expired" };
  if (/invalid_grant|invalid_client|unauthorized_client|private key|DECODER|PEM/i.test(text))
    return { fault: "sign-in", found: "the credentials are refused" };
  const way = connectionFault(error);
  if (way) return way;
  // What fetch says of all that kept it from an answer.
  if (isBroken(error) || error instanceof BodyCutShort || error.message === "fetch failed")
    return { fault: "unreachable", found: message };
  return undefined;
}
