import type { Schema } from "./schema.js";

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
const SECRET_HINT = 'Write a reference such as env("NAME") (in YAML ${env:NAME}), not the secret itself.';

/** Where a secret is to be found; never the secret itself. */
export interface SecretReference {
  readonly kind: "secret";
  /** `env`, or the name of a secret store. */
  readonly source: string;
  readonly name: string;
}

/**
 * The value of an environment variable, read when the component that needs it is created, on the machine where it is
 * created. In `tenon.yaml`: `${env:NAME}`.
 */
export function env(name: string): SecretReference {
  return Object.freeze({ kind: "secret", source: "env", name });
}

export function isSecretReference(value: unknown): value is SecretReference {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "secret";
}

/**
 * A schema for a field of a component's configuration that holds a secret: accepts a reference, refuses a string.
 *
 * @example
 * config: z.object({ host: z.string(), password: secret() })
 */
export function secret(): Schema<SecretReference> {
  return {
    "~standard": {
      version: 1,
      vendor: "tenon",
      validate: (value) =>
        isSecretReference(value)
          ? { value }
          : {
              issues: [{ message: SECRET_HINT }],
            },
    },
  };
}
