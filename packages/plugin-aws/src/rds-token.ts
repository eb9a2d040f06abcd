import { TenonError } from "@tenon/core";
import { bareError } from "@tenon/core/remote";

export interface TokenSubject {
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly region?: string;
  readonly profile?: string;
}

/** Makes a token; `rds-signer` of the AWS SDK does. */
export type SignToken = (subject: TokenSubject) => Promise<string>;

/** A token opens connections for 15 minutes, and those that are open stay. */
const goodForMs = 10 * 60_000;

/**
 * The password of a user who signs in with IAM, made anew well before it expires; asked for with each new connection.
 *
 * @throws `REQUIREMENT_MISSING`, `STORE_SIGN_IN_FAILED`
 */
export function rdsTokens(subject: TokenSubject, sign: SignToken = signWithSdk, now = Date.now): () => Promise<string> {
  let token: Promise<string> | undefined;
  let madeAt = 0;
  return () => {
    if (token && now() - madeAt < goodForMs) return token;
    madeAt = now();
    const made: Promise<string> = sign(subject).catch((error) => {
      if (token === made) token = undefined;
      throw signError(error, subject);
    });
    token = made;
    return made;
  };
}

async function signWithSdk(subject: TokenSubject): Promise<string> {
  const { Signer } = await import("@aws-sdk/rds-signer");
  return new Signer(subject).getAuthToken();
}

function signError(error: unknown, { hostname, username }: TokenSubject): unknown {
  if (TenonError.is(error) || !(error instanceof Error)) return error;
  const doing = `making an IAM token for the user '${username}' of ${hostname}`;
  if ((error as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND") {
    return new TenonError("REQUIREMENT_MISSING", {
      doing,
      found: "it needs @aws-sdk/rds-signer, which is not installed",
      fix: "Install it: npm install @aws-sdk/rds-signer. With 'password' in the configuration it is not needed.",
      cause: error,
    });
  }
  return new TenonError("STORE_SIGN_IN_FAILED", {
    doing,
    found: error.message.replace(/[.\s]+$/, ""),
    fix: "Check this process's AWS credentials and region; 'region' and 'profile' in the configuration choose them.",
    cause: bareError(error),
  });
}
