import { defineArtifactStore, defineIntegration, defineMetadataStore } from "@tenon/core";
import { rdsConfig } from "./rds-config.js";
import { s3Config } from "./s3-config.js";

/**
 * Artifacts as objects in a bucket of S3, or of any server that speaks its protocol.
 *
 * @example s3({ bucket: "acme-ml", prefix: "penguins", region: "eu-central-1" })
 */
export const s3 = defineArtifactStore({ flavor: "s3", config: s3Config, requires: ["@aws-sdk/client-s3"], load: () => import("./s3-artifact-store.js") });

/**
 * Metadata in a database of RDS or Aurora: MySQL or PostgreSQL, with IAM's tokens or a password.
 *
 * @example rds({ engine: "postgres", host: "db.abc.eu-central-1.rds.amazonaws.com", database: "tenon", user: "tenon" })
 */
export const rds = defineMetadataStore({ flavor: "rds", config: rdsConfig, load: () => import("./rds-metadata-store.js") });

export default defineIntegration({ name: "aws", components: [s3, rds] });
