import type { RemoteFault } from "./remote-error.js";

const byCode: Readonly<Record<string, RemoteFault>> = {
  ENOTFOUND: "host-unknown",
  EAI_AGAIN: "host-unknown",
  EAI_NODATA: "host-unknown",
  ECONNREFUSED: "unreachable",
  ECONNRESET: "unreachable",
  ECONNABORTED: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EPIPE: "unreachable",
  ETIMEDOUT: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  UND_ERR_SOCKET: "unreachable",
  HPE_INVALID_CONSTANT: "tls",
  EPROTO: "tls",
  CERT_HAS_EXPIRED: "tls",
  CERT_NOT_YET_VALID: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
};

/**
 * What stood in the way before any service could answer, read off an error and its causes; undefined if it was something
 * else.
 */
export function connectionFault(error: unknown): { readonly fault: RemoteFault; readonly found: string } | undefined {
  for (let each = error, depth = 0; each instanceof Error && depth < 8; each = each.cause, depth += 1) {
    const { code } = each as { code?: unknown };
    if (typeof code === "string") {
      const fault = byCode[code] ?? (/^ERR_(TLS|SSL)_/.test(code) ? "tls" : undefined);
      if (fault) return { fault, found: each.message === "" ? code : each.message };
    }
    // Several addresses of one host were tried.
    if (each instanceof AggregateError && each.errors.length > 0) return connectionFault(each.errors[0]);
  }
  return undefined;
}
