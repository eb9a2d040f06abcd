import { defineArtifactStore, defineIntegration, defineMetadataStore, isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";
import { cloudSqlConfig } from "./cloud-sql-config.js";

const secret = z.custom<SecretReference>(isSecretReference, secretHint);

/**
 * Artifacts as objects of a bucket of Google Cloud Storage.
 *
 * @example gcs({ bucket: "acme-pipelines", prefix: "penguins" })
 */
export const gcs = defineArtifactStore({
  flavor: "gcs",
  config: z.strictObject({
    bucket: z.string().check(z.regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, "It is no name of a bucket.")),
    /** Put before every key with a slash; at most 100 bytes. */
    prefix: z._default(z.string().check(z.regex(/^(?:(?!\.{1,2}(?:\/|$))[\w.@=~ -]+(?:\/(?!$)|$))*$/, "Write names with slashes in between."), z.maxLength(100)), ""),
    /** The key of a service account, as JSON; by default the credentials that the machine or its user has. */
    credentials: z.optional(secret),
    /** Another address of the API: a private endpoint, or a server that speaks its protocol. */
    endpoint: z.optional(z.url()),
    /** Sends no credentials: for a server that takes none. */
    anonymous: z._default(z.boolean(), false),
  }),
  requires: ["@google-cloud/storage"],
  load: () => import("./gcs-artifact-store.js"),
});

/**
 * Metadata in a database of Cloud SQL: MySQL or PostgreSQL, through Google's connector with IAM, or at a plain host.
 *
 * @example cloudSql({ engine: "postgres", instance: "acme:europe-west1:tenon", database: "tenon", user: "runner@acme.iam" })
 */
export const cloudSql = defineMetadataStore({ flavor: "cloud-sql", config: cloudSqlConfig, load: () => import("./cloud-sql-metadata-store.js") });

export default defineIntegration({ name: "gcp", components: [gcs, cloudSql] });
