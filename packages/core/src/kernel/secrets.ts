import { type Container, type Token, token } from "../contracts/container.js";
import { TenonError } from "../errors.js";

/** A place where secrets are kept. A plugin registers one under `secretSource(name)`. */
export interface SecretSource {
  /** Resolves to `undefined` if there is no secret of that name. */
  read(name: string): Promise<string | undefined>;
}

/** @example container.registerValue(secretSource("vault"), { read: (name) => client.read(name) }) */
export function secretSource(name: string): Token<SecretSource> {
  return token(`secret-source/${name}`);
}

/** @throws `SECRET_MISSING`, which names the reference and never a value */
export async function resolveSecret(
  { source, name }: { readonly source: string; readonly name: string },
  what: string,
  container: Container,
): Promise<string> {
  const fail = (found: string, fix: string): never => {
    throw new TenonError("SECRET_MISSING", {
      doing: `reading a secret for the ${what}`,
      found,
      fix,
      details: { source, name },
    });
  };
  if (source === "env") {
    return (
      process.env[name] ?? fail(`the environment variable ${name} is not set`, `Set ${name} where the run starts.`)
    );
  }
  const place = secretSource(source);
  if (!container.has(place)) {
    return fail(`there is no secret source '${source}'`, "Name its integration under 'integrations' in tenon.yaml.");
  }
  const value = await container.resolve(place).read(name);
  return (
    value ?? fail(`the secret source '${source}' has no '${name}'`, "Look at the spelling, and at who may read it.")
  );
}
