import type { ContainerClient, StoragePipelineOptions } from "@azure/storage-blob";
import { TenonError } from "@tenon/core";

export interface BlobOptions {
  readonly account?: string | undefined;
  readonly container: string;
  /** The secrets themselves: keep them out of everything. */
  readonly connectionString?: string | undefined;
  readonly accountKey?: string | undefined;
  readonly sasToken?: string | undefined;
}

/** Retries are this package's own: the client's do not know what they repeat. */
const pipeline: StoragePipelineOptions = { retryOptions: { maxTries: 1 } };

/** Loads Azure's client, and its sign-in if no secret is given. */
export async function openContainer(options: BlobOptions): Promise<ContainerClient> {
  const { account, container, connectionString, accountKey, sasToken } = options;
  if ([connectionString, accountKey, sasToken].filter((secret) => secret !== undefined).length > 1)
    throw refused("it has more than one of connectionString, accountKey and sasToken", "Leave one.");
  const sdk = await import("@azure/storage-blob");
  try {
    if (connectionString !== undefined)
      return sdk.BlobServiceClient.fromConnectionString(connectionString, pipeline).getContainerClient(container);
    if (account === undefined)
      throw refused(
        "it has neither account nor connectionString",
        "Add the account's address, https://<name>.blob.core.windows.net.",
      );
    const base = `${account.replace(/\/+$/, "")}`;
    if (sasToken !== undefined) {
      const url = `${base}?${sasToken.trim().replace(/^\?/, "")}`;
      return new sdk.BlobServiceClient(url, new sdk.AnonymousCredential(), pipeline).getContainerClient(container);
    }
    const credential =
      accountKey === undefined
        ? await defaultCredential()
        : new sdk.StorageSharedKeyCredential(nameOf(base), accountKey.trim());
    return new sdk.BlobServiceClient(base, credential, pipeline).getContainerClient(container);
  } catch (error) {
    if (TenonError.is(error)) throw error;
    // What the client says may hold the secret.
    throw new TenonError("STORE_SIGN_IN_FAILED", {
      doing: "reading the credentials of the artifact store blob",
      found: "the secret is not what Azure's client takes",
      fix: "Copy the connection string or key from the account's access keys again.",
    });
  }
}

async function defaultCredential() {
  const identity = await import("@azure/identity").catch((cause) => {
    throw new TenonError("REQUIREMENT_MISSING", {
      doing: "signing in to Azure for the artifact store blob",
      found: "@azure/identity is not installed",
      fix: "Install it with npm install @azure/identity, or give a connectionString, accountKey or sasToken.",
      cause,
    });
  });
  return new identity.DefaultAzureCredential();
}

/** `acme` of `https://acme.blob.core.windows.net`; of a server with a plain address the first part of its path. */
function nameOf(account: string): string {
  const { hostname, pathname } = new URL(account);
  const [, first = ""] = pathname.split("/");
  return first !== "" ? first : (hostname.split(".")[0] ?? "");
}

function refused(found: string, fix: string): TenonError {
  return new TenonError("COMPONENT_CONFIG_INVALID", {
    doing: "reading the configuration of the artifact store blob",
    found,
    fix,
  });
}
