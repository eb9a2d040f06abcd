import { isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";

const text = z.string().check(z.minLength(1));
/** A name that needs no quotes, so that every server takes it for the same. */
const name = z.string().check(z.regex(/^[a-z_][a-z0-9_]{0,54}$/, "Use lower-case letters, digits and underscores."));

/** Of the metadata store `cloud-sql`. */
export const cloudSqlConfig = z.strictObject({
  engine: z.enum(["mysql", "postgres"]),
  /** `project:region:name`: through Google's connector, which brings the TLS. In place of `host`. */
  instance: z.optional(
    z.string().check(z.regex(/^([\w.-]+:)?[\w.-]+:[\w-]+:[\w-]+$/, "Write it as project:region:name.")),
  ),
  /** With `instance`: by which of its addresses it is reached; by default the public one. */
  address: z.optional(z.enum(["public", "private", "psc"])),
  /** A plain host: an address in the same network, or where the Auth Proxy listens. */
  host: z.optional(text),
  /** With `host`: by default 3306 for MySQL, 5432 for PostgreSQL. */
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65535))),
  database: text,
  /** Of IAM: the account's name as the database has it, without the domain for MySQL. */
  user: text,
  /** Needed beside `host`. With `instance` by default none: the user signs in with IAM. */
  password: z.optional(z.custom<SecretReference>(isSecretReference, secretHint)),
  /** With `host`: the file with the instance's certificate in PEM, relative to the project's root. */
  ca: z.optional(text),
  /** With `ca`: the name in the certificate; `project:name` for instances with an authority of their own. */
  serverName: z.optional(text),
  /** By default `tenon_records`. */
  table: z.optional(name),
  /** PostgreSQL: the schema of the table. */
  schema: z.optional(name),
  /** Connections at the same time, at most; by default 4. */
  connections: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
});

export type CloudSqlConfig = z.infer<typeof cloudSqlConfig>;
