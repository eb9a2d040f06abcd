import { TenonError } from "@tenon/core";
import { connectionFault, type RemoteFault, remoteError } from "@tenon/core/remote";

/** What an operation is about, for the message of its error. */
export interface S3Doing {
  /** `writing 's3://bucket/a/b'` */
  readonly doing: string;
  /** What it takes: `s3:PutObject`. */
  readonly permission: string;
  readonly bucket: string;
  /** The server, if it is not AWS. */
  readonly endpoint?: string | undefined;
}

const faults: Readonly<Record<string, RemoteFault>> = {
  NoSuchBucket: "missing",
  InvalidAccessKeyId: "sign-in",
  SignatureDoesNotMatch: "sign-in",
  AuthFailure: "sign-in",
  CredentialsProviderError: "sign-in",
  InvalidClientTokenId: "sign-in",
  InvalidToken: "expired",
  ExpiredToken: "expired",
  ExpiredTokenException: "expired",
  TokenRefreshRequired: "expired",
  RequestExpired: "expired",
  RequestTimeTooSkewed: "clock",
  AccessDenied: "denied",
  AllAccessDisabled: "denied",
  AccountProblem: "denied",
  PermanentRedirect: "region",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  QuotaExceeded: "quota",
  StorageFull: "quota",
  XMinioStorageFull: "quota",
  InsufficientCapacity: "quota",
  SlowDown: "throttled",
  TooManyRequests: "throttled",
  RequestLimitExceeded: "throttled",
  ThrottlingException: "throttled",
  NotImplemented: "unsuitable",
  PreconditionFailed: "unsuitable",
  ObjectLocked: "locked",
  InvalidRetentionPeriod: "locked",
};
const byStatus: Readonly<Record<number, RemoteFault>> = {
  301: "region",
  401: "sign-in",
  403: "denied",
  429: "throttled",
  501: "unsuitable",
  503: "throttled",
  507: "quota",
};

/** The HTTP status that the service answered with. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

export function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** Whether it is worth asking again for the rest of a body that broke off with this error. */
export function isTransient(error: unknown): boolean {
  if (connectionFault(error) || isNamed(error, "TimeoutError")) return true;
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || status === 429;
  return error instanceof Error && /aborted|premature|socket hang up/i.test(error.message);
}

/** The coded error for what the SDK said; Tenon's own errors stay as they are. */
export function s3Error(error: unknown, about: S3Doing): unknown {
  // A fault of the program that calls.
  if (TenonError.is(error) || !(error instanceof Error) || error instanceof TypeError) return error;
  const status = statusOf(error);
  const { fault, found } = reading(error, status, about);
  return remoteError({
    fault,
    doing: about.doing,
    found,
    fix: advice(error, fault, about),
    details: { service: "s3", bucket: about.bucket, ...(status !== undefined && { status }) },
    cause: error,
  });
}

function reading(error: Error, status: number | undefined, about: S3Doing): { fault: RemoteFault; found: string } {
  const said = error.message && !/^Unknown(Error)?$/.test(error.message) ? `: ${error.message}` : "";
  if (status === undefined) {
    const connection = connectionFault(error);
    if (connection) return { fault: connection.fault, found: `${at(about)} cannot be reached${said}` };
    if (/region is missing/i.test(error.message)) return { fault: "region", found: "no region is configured" };
    const fault = faults[error.name] ?? (/credential|token|sso|profile/i.test(error.name) ? "sign-in" : "unreachable");
    return { fault, found: `${error.name}${said}` };
  }
  const fault = lockFault(error) ?? faults[error.name] ?? byStatus[status] ?? "unreachable";
  const { attempts = 1 } = (error as { $metadata?: { attempts?: number } }).$metadata ?? {};
  const times = attempts > 1 ? `, the last time of ${attempts}` : "";
  const answered = /^(Unknown|UnknownError|Error|\d+)$/.test(error.name) ? `${status}` : `${status} ${error.name}`;
  return { fault, found: `${at(about)} answered ${answered}${said}${times}` };
}

function at({ endpoint }: S3Doing): string {
  return endpoint === undefined ? "S3" : `the S3 server at ${endpoint}`;
}

/** A lock or a rule of retention has no code of its own. */
function lockFault(error: Error): RemoteFault | undefined {
  return /object.?lock|retention|WORM/i.test(error.message) ? "locked" : undefined;
}

function advice(error: Error, fault: RemoteFault, { bucket, permission }: S3Doing): string | undefined {
  if (fault === "denied") {
    return `Give the identity that this process uses the permission ${permission} on the bucket '${bucket}'; a rule of the bucket itself may deny it as well.`;
  }
  if (fault === "missing")
    return `Create the bucket '${bucket}', or correct 'bucket' in the component's configuration.`;
  if (fault === "sign-in" && error.name === "SignatureDoesNotMatch") {
    return "Check the secret access key; it does not belong to the access key id. A proxy that changes requests has the same effect.";
  }
  if (fault === "region") {
    const { Region: region } = error as { Region?: unknown };
    const named = typeof region === "string" ? region : /expecting '([^']+)'/.exec(error.message)?.[1];
    if (named !== undefined) return `Set 'region' to '${named}', where the bucket '${bucket}' is.`;
    return `Set 'region' in the component's configuration, or AWS_REGION, to the one of the bucket '${bucket}'.`;
  }
  if (error.name === "PreconditionFailed") {
    return "Nothing is there, and yet the server refuses to write only where nothing is: use a bucket that has never kept versions.";
  }
  if (fault === "locked") {
    return `Use a bucket without a default retention rule, or exempt the store's prefix: artifacts that nothing refers to have to be deletable in '${bucket}'.`;
  }
  return undefined;
}
