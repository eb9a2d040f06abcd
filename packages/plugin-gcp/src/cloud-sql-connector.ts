import type { Duplex } from "node:stream";
import { TenonError } from "@tenon/core";
import { bareError, connectionFault, type RemoteFault, remoteError } from "@tenon/core/remote";

export interface InstanceRequest {
  readonly instance: string;
  readonly address: "public" | "private" | "psc";
  /** Signs in with IAM in place of a password. */
  readonly iam: boolean;
}

/** A way to an instance: each stream is a connection of its own, signed in to and encrypted. */
export interface InstanceConnection {
  stream(): Duplex;
  close(): void;
}

export type ConnectInstance = (request: InstanceRequest) => Promise<InstanceConnection>;

/** Through Google's connector, which is loaded here. */
export async function connectInstance({ instance, address, iam }: InstanceRequest): Promise<InstanceConnection> {
  const doing = `connecting to the Cloud SQL instance ${instance}`;
  const { Connector, AuthTypes, IpAddressTypes } = await load(doing);
  const connector = new Connector();
  try {
    const { stream } = await connector.getOptions({
      instanceConnectionName: instance,
      ipType: { public: IpAddressTypes.PUBLIC, private: IpAddressTypes.PRIVATE, psc: IpAddressTypes.PSC }[address],
      authType: iam ? AuthTypes.IAM : AuthTypes.PASSWORD,
    });
    return { stream, close: () => connector.close() };
  } catch (error) {
    connector.close();
    throw connectError(error, doing);
  }
}

async function load(doing: string) {
  try {
    return await import("@google-cloud/cloud-sql-connector");
  } catch (cause) {
    throw new TenonError("REQUIREMENT_MISSING", {
      doing,
      found: "it needs @google-cloud/cloud-sql-connector, which cannot be loaded",
      fix: "Install it: npm install @google-cloud/cloud-sql-connector. With 'host' in place of 'instance' it is not needed.",
      cause,
    });
  }
}

/** The coded error for what the connector, or the API that it asks, said. */
export function connectError(error: unknown, doing: string): unknown {
  if (TenonError.is(error) || !(error instanceof Error)) return error;
  const { response, code } = error as { response?: { status?: unknown }; code?: unknown };
  const status = Number(response?.status ?? code);
  const found = error.message.split("\n")[0] ?? "";
  const coded = (fault: RemoteFault, fix?: string) => remoteError({ fault, doing, found, fix, cause: error });
  if (/could not load the default credentials/i.test(found))
    return coded(
      "sign-in",
      "Sign in with gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a key's file.",
    );
  if (/invalid_rapt|reauth|expired or revoked/i.test(found)) return coded("expired");
  if (status === 401 || /invalid_grant/i.test(found)) return coded("sign-in");
  if (status === 403)
    return coded(
      "denied",
      "Enable the Cloud SQL Admin API, and give the identity the roles Cloud SQL Client and, to sign in with IAM, Cloud SQL Instance User.",
    );
  if (status === 404) return coded("missing");
  if (status === 429) return coded("throttled");
  if (/IPADDR|IPADDRESS/i.test(String(code))) {
    return new TenonError("COMPONENT_CONFIG_INVALID", {
      doing,
      found,
      fix: "Say with 'address' which of the instance's addresses to use: public, private or psc.",
      cause: bareError(error),
    });
  }
  const way = connectionFault(error);
  return way ? remoteError({ ...way, doing, cause: error }) : coded("unreachable");
}
