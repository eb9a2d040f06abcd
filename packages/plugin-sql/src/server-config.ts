import { isSecretReference, type SecretReference, secretHint } from "@tenon/core";
import * as z from "zod/mini";

const text = z.string().check(z.minLength(1));
const milliseconds = (least: number) => z.optional(z.int().check(z.minimum(least)));
/** A name that needs no quotes, so that every server takes it for the same. */
const name = z.string().check(z.regex(/^[a-z_][a-z0-9_]{0,54}$/, "Use lower-case letters, digits and underscores."));

const tls = z.strictObject({
  /** Files in PEM, relative to the project's root. */
  ca: z.optional(text),
  cert: z.optional(text),
  key: z.optional(text),
  /** The name in the server's certificate, if it is not the host's. */
  serverName: z.optional(text),
  verify: z.optional(z.boolean()),
});

const fields = {
  /** `mysql://user@host:port/database`, in place of the fields for them. */
  uri: z.optional(text),
  host: z.optional(text),
  port: z.optional(z.int().check(z.minimum(1), z.maximum(65535))),
  database: z.optional(text),
  user: z.optional(text),
  password: z.optional(z.custom<SecretReference>(isSecretReference, secretHint)),
  /** By default with TLS, verified, except to this machine itself. */
  tls: z.optional(z.union([z.boolean(), tls])),
  table: z.optional(name),
  /** Connections at the same time, at most; by default 4. */
  connections: z.optional(z.int().check(z.minimum(1), z.maximum(100))),
  /** How long to wait for a server that went away, in milliseconds; by default 60,000. */
  patience: milliseconds(0),
  /** How long one statement may take, in milliseconds; by default 60,000. */
  statementTimeout: milliseconds(100),
};

export const mysqlConfig = z.strictObject(fields);
export const postgresConfig = z.strictObject({
  ...fields,
  /** The schema of the table; by default the first of the user's search path. */
  schema: z.optional(name),
});

export type ServerConfig = z.infer<typeof postgresConfig>;
