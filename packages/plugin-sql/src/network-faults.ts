import type { SqlFault } from "@tenon/core/keyv";
import { AnswerLost, PoolClosed } from "./connection-pool.js";

const tlsCodes =
  /^(?:ERR_TLS_|ERR_SSL_|HANDSHAKE_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_|CERT_|EPROTO|ERR_OSSL)/;
const goneCodes = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH", "ENETUNREACH"]);

export function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code ?? "");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether the server is out of reach, perhaps only for now. */
export function isNetworkAbsence(error: unknown): boolean {
  return (
    error instanceof AnswerLost ||
    goneCodes.has(codeOf(error)) ||
    codeOf(error) === "EAI_AGAIN" ||
    codeOf(error) === "ECONNABORTED"
  );
}

/** Failures on the way to any server. */
export function networkFault(error: unknown, server: string, suffix: string): SqlFault | undefined {
  const code = codeOf(error);
  const unavailable = (found: string, fix: string): SqlFault => ({ code: "STORE_UNAVAILABLE", found, fix });
  if (error instanceof PoolClosed) {
    return unavailable("it has been closed", "Use a metadata store only until it is disposed.");
  }
  if (code === "ENOTFOUND") {
    return unavailable(
      `the host of ${server} is not known`,
      "Look at the host's spelling in the stack's metadata store.",
    );
  }
  if (code === "EAI_AGAIN") {
    return unavailable(
      `the name service does not answer for ${server}${suffix}`,
      "See that the network works, and try again.",
    );
  }
  if (code === "ECONNREFUSED") {
    return unavailable(
      `${server} is not running: nothing listens there${suffix}`,
      "Start the server, or look at host and port in the stack's metadata store.",
    );
  }
  if (code === "ETIMEDOUT" || code === "EHOSTUNREACH" || code === "ENETUNREACH" || error instanceof AnswerLost) {
    return unavailable(
      `${server} does not answer${suffix}`,
      "See that it runs, and that a firewall lets this machine through. The last write may have been carried out or not.",
    );
  }
  if (tlsCodes.test(code) || (error as { code?: string } | null)?.code === "ERR_INVALID_ARG_VALUE")
    return tlsFault(error, server);
  if (goneCodes.has(code) || code === "ECONNABORTED") {
    return unavailable(
      `the connection to ${server} broke${suffix}`,
      "See that the server runs, then resume the run. The last write may have been carried out or not.",
    );
  }
  return undefined;
}

/** A server without TLS, or one whose certificate cannot be trusted. */
export function tlsFault(error: unknown, server: string): SqlFault {
  return {
    code: "STORE_UNAVAILABLE",
    found: `no trusted TLS connection to ${server} could be made (${codeOf(error) || "TLS"}: ${messageOf(error)})`,
    fix: "Name the certificate of its authority under 'tls: { ca: … }', or, only where the network between is your own, write 'tls: false'.",
  };
}
