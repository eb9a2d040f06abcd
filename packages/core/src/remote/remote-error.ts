import { type ErrorCode, TenonError } from "../errors.js";

/** What can be wrong with a store elsewhere. */
export type RemoteFault =
  | "host-unknown"
  | "unreachable"
  | "tls"
  | "throttled"
  | "sign-in"
  | "expired"
  | "clock"
  | "denied"
  | "missing"
  | "region"
  | "quota"
  | "locked"
  | "unsuitable";

const answers: Readonly<Record<RemoteFault, readonly [code: ErrorCode, fix: string]>> = {
  "host-unknown": [
    "STORE_UNAVAILABLE",
    "Check the host's name in the component's configuration, and this machine's DNS.",
  ],
  unreachable: [
    "STORE_UNAVAILABLE",
    "Check that the server runs and that this machine may reach it, then go on with tenon run resume.",
  ],
  tls: [
    "STORE_UNAVAILABLE",
    "Check that the address is right; for a private authority's certificate set NODE_EXTRA_CA_CERTS to its file.",
  ],
  throttled: ["STORE_UNAVAILABLE", "Wait a while, then go on with tenon run resume; fewer steps at once ask for less."],
  "sign-in": ["STORE_SIGN_IN_FAILED", "Check the credentials that this process is given."],
  expired: [
    "STORE_SIGN_IN_FAILED",
    "Sign in again, or let the process renew its credentials, then go on with tenon run resume.",
  ],
  clock: ["STORE_SIGN_IN_FAILED", "Set this machine's clock, by NTP for example."],
  denied: ["STORE_DENIED", "Give the identity that this process uses that permission."],
  missing: ["STORE_MISSING", "Create it, or correct its name in the component's configuration."],
  region: ["COMPONENT_CONFIG_INVALID", "Correct the region in the component's configuration."],
  quota: [
    "STORE_FULL",
    "Have the quota raised or make room (tenon gc removes what nothing refers to), then go on with tenon run resume.",
  ],
  locked: ["STORE_READ_ONLY", "Take the lock or retention rule off, or use a place that has none."],
  unsuitable: ["STORE_UNSUITABLE", "Use another server, or another version of it."],
};

export interface RemoteErrorDetails {
  readonly fault: RemoteFault;
  /** What was tried and with which component: `writing 'a/b' in the artifact store s3 (s3://bucket)`. */
  readonly doing: string;
  /** A clause, without any secret. */
  readonly found: string;
  /** Instead of the fault's usual advice. */
  readonly fix?: string | undefined;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The coded error of a fault: the same code, and advice of the same sort, whichever service it came from. */
export function remoteError({ fault, doing, found, fix, details, cause }: RemoteErrorDetails): TenonError {
  const [code, usual] = answers[fault];
  return new TenonError(code, {
    doing,
    found: found.replace(/[.\s]+$/, ""),
    fix: fix ?? usual,
    details: { ...details, fault },
    ...(cause !== undefined && { cause: bareError(cause) }),
  });
}

/** An error as a cause to keep: clients hang their requests on theirs, with the headers that sign them. */
export function bareError(error: unknown): unknown {
  if (!(error instanceof Error) || TenonError.is(error)) return error;
  const bare = new Error(error.message, error.cause === undefined ? undefined : { cause: bareError(error.cause) });
  const { code } = error as { code?: unknown };
  Object.defineProperty(bare, "name", { value: error.name });
  if (error.stack !== undefined) Object.defineProperty(bare, "stack", { value: error.stack });
  return typeof code === "string" || typeof code === "number" ? Object.assign(bare, { code }) : bare;
}
