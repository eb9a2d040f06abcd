import { TenonError } from "@tenon/core";
import { BodyCutShort, connectionFault, type RemoteFault, remoteError } from "@tenon/core/remote";

interface RestFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
  readonly details?: { readonly errorCode?: string; readonly authenticationErrorDetail?: string };
}

export function statusOf(error: unknown): number | undefined {
  const { statusCode } = (error ?? {}) as RestFailure;
  return typeof statusCode === "number" ? statusCode : undefined;
}

/** The service's word for what is wrong: `BlobNotFound`. An answer to HEAD has it in a header only. */
export function codeOf(error: unknown): string {
  const { code, details } = (error ?? {}) as RestFailure;
  return details?.errorCode ?? (typeof code === "string" ? code : "");
}

/** Whether asking again may succeed. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  if (status !== undefined) return [408, 429, 500, 502, 503, 504].includes(status) || codeOf(error) === "Md5Mismatch";
  return error instanceof BodyCutShort || isBroken(error) || /EAI_AGAIN/.test(codeOf(error));
}

function isBroken(error: unknown): boolean {
  if (connectionFault(error)?.fault === "unreachable") return true;
  if (!(error instanceof Error)) return false;
  return (
    /^(ERR_STREAM_PREMATURE_CLOSE|PARSE_ERROR)$/.test(codeOf(error)) ||
    /^aborted$|socket hang up|TimeoutError|premature/i.test(`${error.message}`) ||
    /^(Timeout|Abort)Error$/.test(error.name)
  );
}

const faults: Readonly<Record<string, RemoteFault>> = {
  ContainerNotFound: "missing",
  ContainerBeingDeleted: "missing",
  ContainerDisabled: "denied",
  ResourceNotFound: "missing",
  AuthorizationFailure: "denied",
  AuthorizationPermissionMismatch: "denied",
  AuthorizationProtocolMismatch: "denied",
  AuthorizationServiceMismatch: "denied",
  AuthorizationResourceTypeMismatch: "denied",
  AuthorizationSourceIPMismatch: "denied",
  InsufficientAccountPermissions: "denied",
  PublicAccessNotPermitted: "denied",
  KeyBasedAuthenticationNotPermitted: "denied",
  AccountIsDisabled: "denied",
  AuthenticationFailed: "sign-in",
  InvalidAuthenticationInfo: "sign-in",
  NoAuthenticationInformation: "sign-in",
  BlobImmutableDueToPolicy: "locked",
  BlobImmutableDueToLegalHold: "locked",
  LeaseIdMissing: "locked",
  ServerBusy: "throttled",
  OperationTimedOut: "unreachable",
  InternalError: "unreachable",
  InsufficientStorage: "quota",
  AccountCapacityExceeded: "quota",
};
const byStatus: Readonly<Record<number, RemoteFault>> = {
  401: "sign-in",
  403: "denied",
  404: "missing",
  408: "unreachable",
  429: "throttled",
  503: "throttled",
  507: "quota",
};

/** Gives what went wrong with a container a code and advice; what is no failure of the service stays as it is. */
export function blobError(error: unknown, { doing, role }: { doing: string; role?: string }): unknown {
  if (TenonError.is(error) || !(error instanceof Error)) return error;
  const reading = readingOf(error);
  if (!reading) return error;
  const { fault, found } = reading;
  const fix =
    fault === "denied" && role
      ? `Give the identity that this process uses the role ${role} on the container.`
      : reading.fix;
  return remoteError({ fault, found: redacted(found), fix, doing, cause: error });
}

function readingOf(error: Error): { fault: RemoteFault; found: string; fix?: string } | undefined {
  const status = statusOf(error);
  const code = codeOf(error);
  if (status !== undefined) {
    const detail = (error as RestFailure).details?.authenticationErrorDetail ?? "";
    const text = `${error.message} ${detail}`;
    const [line = ""] = error.message.split("\n");
    const found = `the service answers ${status}${code ? ` ${code}` : ""}${line && line !== code ? `: ${line.slice(0, 300)}` : ""}`;
    if (/date header|too old|clock/i.test(text)) return { fault: "clock", found };
    if (/signed expiry|not valid in the specified time frame|lifetime validation|expired/i.test(text))
      return { fault: "expired", found };
    if (/failed to authenticate/i.test(text)) return { fault: "sign-in", found };
    const fault = faults[code] ?? byStatus[status] ?? (status >= 500 ? "unreachable" : "unsuitable");
    return { fault, found };
  }
  if (/CredentialUnavailable|AuthenticationRequired|AggregateAuthentication|^AuthenticationError$/.test(error.name)) {
    const expired = /expired|AADSTS(700082|50173|70043)/.test(error.message);
    return {
      fault: expired ? "expired" : "sign-in",
      found: expired ? "the sign-in has expired" : "there are no credentials here that Azure takes",
      fix: "Sign in with az login, or give the process a managed identity or AZURE_CLIENT_ID and its secret.",
    };
  }
  const way = connectionFault(error);
  if (way) return way;
  if (isBroken(error) || error instanceof BodyCutShort) return { fault: "unreachable", found: error.message };
  return undefined;
}

/** A shared access signature is part of addresses. */
function redacted(text: string): string {
  return text.replace(/\bsig=[^&\s"']+/gi, "sig=…").replace(/AccountKey=[^;\s"']+/gi, "AccountKey=…");
}
