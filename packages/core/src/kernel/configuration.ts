import { readFileSync } from "node:fs";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import { readPlainYaml } from "./plain-yaml.js";

/** What `tenon.yaml` says, checked. It holds no secrets, only references to them. */
export interface Configuration {
  readonly project?: string;
  /** The name of the stack that is used when none is asked for. */
  readonly stack?: string;
  readonly stacks?: Readonly<Record<string, StackConfiguration>>;
  /** Integrations to activate for every run, for the sake of their hooks. */
  readonly integrations?: readonly string[];
  /** Modules of the project that export materializers, relative to its root. */
  readonly materializers?: readonly string[];
}

/** By kind. */
export type StackConfiguration = Readonly<Record<string, ComponentConfiguration>>;

export interface ComponentConfiguration {
  readonly flavor: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export const configurationKeys = ["project", "stack", "stacks", "integrations", "materializers"] as const;
const largest = 256 * 1024;
const mostBrackets = 10_000;

/** @throws `PROJECT_CONFIG_INVALID`, which names the file and the field */
export async function readConfiguration(file: string): Promise<Configuration> {
  const text = readFileSync(file, "utf8");
  if (text.length > largest) throw invalid(file, `it is ${text.length} characters long, and 256 KiB is the most`);
  // Deep nesting takes the parser a time that grows with its square.
  const brackets = text.match(/[[{]/g)?.length ?? 0;
  if (brackets > mostBrackets) throw invalid(file, `it has ${brackets} brackets, and ${mostBrackets} are the most`);
  const value = readPlainYaml(text) ?? readPlainJson(text) ?? (await readYaml(file, text));
  if (value === null || value === undefined) return {};
  return new ConfigurationCheck(file).configuration(value);
}

/** JSON is YAML; what JSON.stringify gives for it again has no key twice. */
function readPlainJson(text: string): unknown {
  if (!text.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(text) as unknown;
    return [0, 2].some((indent) => JSON.stringify(value, null, indent) === text.trimEnd()) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readYaml(file: string, text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  try {
    const document = parseDocument(text, { prettyErrors: true, stringKeys: true });
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(file, `it is not YAML that can be read (${firstLines(cause)})`, undefined, cause);
  }
}

class ConfigurationCheck {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  configuration(value: unknown): Configuration {
    const root = this.#mapping(value, "the file");
    this.#refusePrototypes(root, "");
    for (const key of Object.keys(root)) {
      if ((configurationKeys as readonly string[]).includes(key)) continue;
      throw invalid(
        this.#file,
        `it has the unknown key '${key}'`,
        suggest(key, configurationKeys, `It may have ${configurationKeys.join(", ")}.`),
      );
    }
    const { project, stack, stacks, integrations, materializers } = root;
    const active = this.#optional(stack, "stack", this.#text);
    const named = this.#optional(stacks, "stacks", this.#stacks);
    if (active !== undefined && named !== undefined && !Object.hasOwn(named, active) && active !== "local") {
      const known = Object.keys(named);
      throw invalid(
        this.#file,
        `its 'stack' is '${active}', and 'stacks' has no such stack`,
        suggest(active, known, `It has ${known.join(", ")}.`),
      );
    }
    return {
      ...present("project", this.#optional(project, "project", this.#text)),
      ...present("stack", active),
      ...present("stacks", named),
      ...present("integrations", this.#optional(integrations, "integrations", this.#texts)),
      ...present("materializers", this.#optional(materializers, "materializers", this.#texts)),
    };
  }

  #stacks = (value: unknown, path: string): Record<string, StackConfiguration> =>
    mapValues(this.#mapping(value, path), (stack, name) =>
      mapValues(this.#mapping(stack, `${path}.${name}`), (component, kind) =>
        this.#component(component, `${path}.${name}.${kind}`),
      ),
    );

  #component(value: unknown, path: string): ComponentConfiguration {
    if (typeof value === "string") return { flavor: this.#text(value, path), config: {} };
    const { flavor, ...config } = this.#mapping(value, path);
    if (flavor === undefined) {
      throw invalid(this.#file, `'${path}' has no 'flavor'`, "Write, for example, flavor: local/filesystem.");
    }
    return { flavor: this.#text(flavor, `${path}.flavor`), config };
  }

  #text = (value: unknown, path: string): string => {
    if (typeof value === "string" && value.trim() !== "") return value;
    throw invalid(this.#file, `'${path}' is ${describe(value)}, and has to be a text`);
  };

  #texts = (value: unknown, path: string): string[] => {
    if (!Array.isArray(value))
      throw invalid(this.#file, `'${path}' is ${describe(value)}, and has to be a list of texts`);
    return value.map((item, index) => this.#text(item, `${path}[${index}]`));
  };

  #mapping(value: unknown, path: string): Record<string, unknown> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw invalid(
      this.#file,
      `${path === "the file" ? path : `'${path}'`} is ${describe(value)}, and has to be a mapping`,
    );
  }

  #optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | undefined {
    return value === undefined || value === null ? undefined : read(value, path);
  }

  #refusePrototypes(value: unknown, path: string): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      const at = path === "" ? key : `${path}.${key}`;
      if (key === "__proto__") throw invalid(this.#file, `it has the key '${at}', which no name may be`);
      this.#refusePrototypes(inner, at);
    }
  }
}

function mapValues<T, U>(record: Record<string, T>, change: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

function present<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });
}

function describe(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  return value === "" ? "an empty text" : `the ${typeof value} ${String(value)}`;
}

function firstLines(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause))
    .trim()
    .replace(/:?\s*\n\s*/g, " | ")
    .slice(0, 300);
}

function invalid(file: string, found: string, fix?: string, cause?: unknown): TenonError {
  return new TenonError("PROJECT_CONFIG_INVALID", {
    doing: `reading ${file}`,
    found,
    ...(fix === undefined ? {} : { fix }),
    ...(cause === undefined ? {} : { cause }),
    details: { file },
  });
}
