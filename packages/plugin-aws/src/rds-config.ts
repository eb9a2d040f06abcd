import { isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";

const text = z.string().check(z.minLength(1));
/** A name that needs no quotes, so that every server takes it for the same. */
const name = z.string().check(z.regex(/^[a-z_][a-z0-9_]{0,54}$/, "Use lower-case letters, digits and underscores."));

/** Of the metadata store `rds`. */
export const rdsConfig = z.strictObject({
  engine: z.enum(["mysql", "postgres"]),
  /** The endpoint of the instance, cluster or proxy. */
  host: text,
  /** By default 3306 for MySQL, 5432 for PostgreSQL. */
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65535))),
  database: text,
  user: text,
  /** By default tokens of IAM, made anew before they expire. */
  password: z.optional(z.custom<SecretReference>(isSecretReference, secretHint)),
  /** Of IAM's tokens; by default the one in the host's name, or of the environment. */
  region: z.optional(text),
  /** The profile of the shared configuration that signs the tokens. */
  profile: z.optional(text),
  /** The file with the certificates of RDS in PEM, relative to the project's root; by default what Node trusts. */
  ca: z.optional(text),
  /** By default `tenon_records`. */
  table: z.optional(name),
  /** PostgreSQL: the schema of the table. */
  schema: z.optional(name),
  /** Connections at the same time, at most; by default 4. */
  connections: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
});

export type RdsConfig = z.infer<typeof rdsConfig>;
