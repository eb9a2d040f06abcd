import { defineArtifactStore, defineIntegration, isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";

const secret = z.optional(z.custom<SecretReference>(isSecretReference, secretHint));

/**
 * Artifacts as block blobs in a container of Azure Blob Storage.
 *
 * @example blob({ account: "https://acme.blob.core.windows.net", container: "pipelines", prefix: "penguins" })
 */
export const blob = defineArtifactStore({
  flavor: "blob",
  config: z.strictObject({
    /** The account's address; not needed beside a connection string. */
    account: z.optional(z.url()),
    container: z.string().check(z.regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/, "It is no name of a container.")),
    /** Put before every key with a slash; at most 100 characters. */
    prefix: z._default(z.string().check(z.regex(/^(?:[\w=-](?:[\w.@= -]*[\w=-])?(?:\/(?!$)|$))*$/, "Write names of letters and digits with slashes in between."), z.maxLength(100)), ""),
    /** One of the three, or none: then the credentials that the machine or its user has. */
    connectionString: secret,
    accountKey: secret,
    sasToken: secret,
  }),
  requires: ["@azure/storage-blob"],
  load: () => import("./blob-artifact-store.js"),
});

export default defineIntegration({ name: "azure", components: [blob] });
