import type { JsonObject, JsonValue } from "../contracts/json.js";
import { issueText, type Schema, type SchemaIssue } from "../contracts/schema.js";
import { isSecretReference, type SecretReference, secretHint } from "../contracts/secret.js";
import { TenonError } from "../errors.js";

const referenceText = /^\$\{([a-z][\w-]*):([^{}]+)\}$/;
const embeddedEnvironment = /\$\{env:([^{}]+)\}/g;

/** A password within a URI, in its authority or its query, or within a connection string. */
const writtenSecrets = [
  /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]*?:[^/?#\s]+@/i,
  /^[a-z][a-z0-9+.-]*:\/\/[^#]*[?&](?:password|passwd|pwd|sig|secret|access_key)=[^&#]/i,
  /(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature)\s*=\s*[^;\s]/i,
];

/** Fields of such names hold secrets whatever a schema says, and are never written out. */
const secretName =
  /^(?:password|passwd|pwd|secret|secret_?key|secret_?access_?key|api_?key|access_?token|auth_?token|private_?key)$/i;

/** Texts such as `${env:NAME}` become references; everything else stays what it is. */
export function withReferences(value: unknown): unknown {
  if (typeof value === "string") {
    const [, source, name] = referenceText.exec(value) ?? [];
    return source === undefined || name === undefined
      ? value
      : ({ kind: "secret", source, name } satisfies SecretReference);
  }
  if (Array.isArray(value)) return value.map(withReferences);
  if (!isPlainObject(value) || isSecretReference(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withReferences(inner)]));
}

/** A configuration as it is recorded: references as texts again, and what JSON cannot hold left out. */
export function recordedConfiguration(config: Readonly<Record<string, unknown>>): JsonObject {
  return (recorded(config) ?? {}) as JsonObject;
}

function recorded(value: unknown): JsonValue | undefined {
  if (isSecretReference(value)) return `\${${value.source}:${value.name}}`;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof URL) return value.href;
  if (Array.isArray(value)) return value.map((item) => recorded(item) ?? null);
  if (!isPlainObject(value)) return undefined;
  const entries = Object.entries(value).map(([key, inner]) => [key, recorded(inner)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

export interface ValidatedConfiguration {
  readonly config: unknown;
  readonly faults: readonly TenonError[];
}

/**
 * Checks a configuration by its schema. A reference stays one where the schema takes it; where it does not, a value of
 * the environment is put in its place, so that any text can come from there.
 */
export async function validateConfiguration(
  what: string,
  schema: Schema<unknown>,
  given: Readonly<Record<string, unknown>>,
): Promise<ValidatedConfiguration> {
  const config = withReferences(given);
  const secrets = writtenOut(config, what);
  if (secrets.length > 0) return { config, faults: secrets };

  const missing: TenonError[] = [];
  const filled = fillTexts(config, what, missing);
  if (missing.length > 0) return { config, faults: missing };
  const first = await schema["~standard"].validate(filled);
  if (first.issues === undefined) return { config: first.value, faults: [] };

  const paths = first.issues.map((issue) => referencePath(filled, issue)).filter((path) => path !== undefined);
  if (paths.length === 0) return { config, faults: configurationFaults(what, first.issues) };
  const replaced = paths.reduce((value, path) => replaceReference(value, path, what, missing), filled);
  if (missing.length > 0) return { config, faults: missing };
  const second = await schema["~standard"].validate(replaced);
  return second.issues === undefined
    ? { config: second.value, faults: [] }
    : { config, faults: configurationFaults(what, second.issues) };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
const separately = 'Give the password in a field of its own, as a reference: env("NAME"), in tenon.yaml ${env:NAME}.';

function writtenOut(value: unknown, what: string, path: readonly PropertyKey[] = []): TenonError[] {
  if (typeof value === "string") {
    const literal = value.replace(embeddedEnvironment, "");
    const named = secretName.test(String(path.at(-1) ?? "")) && literal !== "";
    if (!named && !writtenSecrets.some((pattern) => pattern.test(literal))) return [];
    return [
      new TenonError("SECRET_INVALID", {
        doing: `reading the configuration of ${what}`,
        found: named
          ? `its field '${pathText(path)}' is a secret that is written out`
          : `its field '${pathText(path)}' has a password written into it`,
        fix: named ? secretHint : separately,
        details: { path: pathText(path) },
      }),
    ];
  }
  if (Array.isArray(value)) return value.flatMap((item, index) => writtenOut(item, what, [...path, index]));
  if (!isPlainObject(value) || isSecretReference(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => writtenOut(inner, what, [...path, key]));
}

/** `gs://${env:BUCKET}/data`: a text around a reference can be no secret's reference, so it is filled in. */
function fillTexts(value: unknown, what: string, missing: TenonError[], path: readonly PropertyKey[] = []): unknown {
  if (typeof value === "string") {
    return value.replace(embeddedEnvironment, (_, name: string) => environmentValue(name, what, path, missing));
  }
  if (Array.isArray(value)) return value.map((item, index) => fillTexts(item, what, missing, [...path, index]));
  if (!isPlainObject(value) || isSecretReference(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, fillTexts(inner, what, missing, [...path, key])]),
  );
}

function referencePath(config: unknown, issue: SchemaIssue): readonly PropertyKey[] | undefined {
  const path: PropertyKey[] = [];
  let value = config;
  for (const key of keysOf(issue)) {
    if (isSecretReference(value)) break;
    path.push(key);
    value = typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }
  return isSecretReference(value) && value.source === "env" ? path : undefined;
}

function replaceReference(value: unknown, path: readonly PropertyKey[], what: string, missing: TenonError[]): unknown {
  const change = (inner: unknown, rest: readonly PropertyKey[]): unknown => {
    const [key, ...further] = rest;
    if (key === undefined) return isSecretReference(inner) ? environmentValue(inner.name, what, path, missing) : inner;
    if (Array.isArray(inner)) return inner.map((item, index) => (index === key ? change(item, further) : item));
    const object = inner as Record<PropertyKey, unknown>;
    return { ...object, [key]: change(object[key], further) };
  };
  return change(value, path);
}

function environmentValue(name: string, what: string, path: readonly PropertyKey[], missing: TenonError[]): string {
  const value = process.env[name];
  if (value !== undefined) return value;
  missing.push(
    new TenonError("SECRET_MISSING", {
      doing: `reading the configuration of ${what}`,
      found: `its field '${pathText(path)}' refers to the environment variable ${name}, which is not set`,
      fix: `Set ${name} where the run starts.`,
      details: { path: pathText(path), variable: name },
    }),
  );
  return "";
}

function configurationFaults(what: string, issues: readonly SchemaIssue[]): TenonError[] {
  return issues.map((issue) => {
    const path = pathText(keysOf(issue));
    const message = issueText(issue);
    return new TenonError("COMPONENT_CONFIG_INVALID", {
      doing: `checking the configuration of ${what}`,
      found: path === "" ? message : `its field '${path}' is wrong: ${message}`,
      details: { path },
    });
  });
}

function keysOf(issue: SchemaIssue): PropertyKey[] {
  return (issue.path ?? []).map((segment) => (typeof segment === "object" ? segment.key : segment));
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, index) => (typeof key === "number" ? `[${key}]` : `${index === 0 ? "" : "."}${String(key)}`))
    .join("");
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
