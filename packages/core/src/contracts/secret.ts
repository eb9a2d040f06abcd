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

/**
 * True for a reference to a secret: the check of a configuration field that must never hold the secret itself.
 *
 * @example
 * config: z.object({ host: z.string(), password: z.custom<SecretReference>(isSecretReference, secretHint) })
 */
export function isSecretReference(value: unknown): value is SecretReference {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "secret";
}

/** What to tell somebody who wrote out a secret. */
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
export const secretHint = 'Write a reference such as env("NAME") (in YAML ${env:NAME}), not the secret itself.';
