import type { JsonObject } from "../contracts/json.js";
import type { Schema, SchemaIssue } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { ParameterOrigin } from "../ledger/records.js";
import type { GraphNode } from "../pipeline/graph.js";
import { nearest } from "../pipeline/nearest.js";
import { describeIssue, issuePath, parameterNames, storable, validate } from "../pipeline/parameters.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";

/** Parameters from one place: `epochs` for the pipeline's own, `fit.epochs` (or `fit: { epochs }`) for a step's. */
export interface ParameterSource {
  readonly origin: ParameterOrigin;
  readonly values: Readonly<Record<string, unknown>>;
  /** True if the values are texts, from a command line: they are read as JSON where that fits the schema. */
  readonly text?: boolean;
}

interface Setting {
  readonly origin: ParameterOrigin;
  readonly value: unknown;
  /** What stood on the command line, to fall back on. */
  readonly raw?: string;
}

/** Who sets which parameter, and what comes of it; a later source wins. */
export class ParameterTable {
  readonly origins: Record<string, ParameterOrigin> = {};
  /** The pipeline's own, as the plan holds them. */
  stored: JsonObject = {};
  readonly #own = new Map<string, Setting>();
  /** By step, then by parameter. */
  readonly #steps = new Map<string, Map<string, Setting>>();

  constructor(
    readonly pipeline: PipelineDefinition,
    sources: readonly ParameterSource[],
  ) {
    const names = parameterNames(pipeline.params);
    const all: ParameterSource[] = [{ origin: "definition", values: pipeline.parameters }, ...sources];
    for (const { origin, values, text } of all) {
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined) continue;
        const setting = text && typeof value === "string" ? fromText(origin, value) : { origin, value };
        const dot = name.indexOf(".");
        if (names ? names.includes(name) : pipeline.params && dot < 0 && !isObject(value)) this.#own.set(name, setting);
        else if (dot > 0) this.#setOfStep(name.slice(0, dot), name.slice(dot + 1), setting);
        else if (isObject(setting.value)) {
          const fields = Object.entries(setting.value);
          for (const [field, inner] of fields) this.#setOfStep(name, field, { origin, value: inner });
          if (fields.length === 0) this.#steps.set(name, this.#steps.get(name) ?? new Map());
        } else this.#unknown(name, origin, names ?? []);
      }
    }
  }

  #setOfStep(step: string, name: string, setting: Setting): void {
    const settings = this.#steps.get(step) ?? new Map<string, Setting>();
    this.#steps.set(step, settings);
    settings.set(name, setting);
  }

  #unknown(name: string, origin: ParameterOrigin, known: readonly string[]): never {
    throw new TenonError("PARAMETER_UNKNOWN", {
      doing: `setting parameter '${name}' of pipeline '${this.pipeline.name}' ${from(origin)}`,
      found: known.length > 0 ? `its parameters are ${listed(known)}` : "it has no parameters of its own",
      ...nearest(name, known),
    });
  }

  /** The values that the body is given. @throws `PARAMETER_INVALID`, `PARAMETER_UNKNOWN` */
  async ofPipeline(): Promise<Readonly<Record<string, unknown>>> {
    const { params, name } = this.pipeline;
    const resolved = await resolve(params, this.#own, `pipeline '${name}'`, "");
    this.stored = resolved.stored;
    Object.assign(this.origins, resolved.origins);
    return resolved.value;
  }

  /** @throws `PARAMETER_UNKNOWN` for settings of steps that the pipeline does not have */
  checkNames(nodes: readonly GraphNode[]): void {
    if (this.#steps.size === 0) return;
    const byId = new Map(nodes.map((node) => [node.id, node]));
    for (const [step, settings] of this.#steps) {
      const [first] = settings;
      if (byId.has(step) || !first) continue;
      const [name, { origin }] = first;
      const own = parameterNames(this.pipeline.params) ?? [];
      const full = `${step}.${name}`;
      const known = nodes.flatMap(({ id, step: { params } }) =>
        (parameterNames(params) ?? []).map((p) => `${id}.${p}`),
      );
      throw new TenonError("PARAMETER_UNKNOWN", {
        doing: `setting parameter '${full}' of pipeline '${this.pipeline.name}' ${from(origin)}`,
        found: `it has no step '${step}'${known.length > 0 ? `; its steps have the parameters ${listed(known)}` : ""}`,
        ...(own.includes(step)
          ? { fix: `'${step}' is a parameter of the pipeline: set it as a whole.` }
          : nearest(full, [...own, ...known])),
      });
    }
  }

  /** What the plan holds for a step. @throws `PARAMETER_INVALID`, `PARAMETER_UNKNOWN`, `STEP_INTERFACE_MISMATCH` */
  async ofStep({ id, step, parameters, slot }: GraphNode): Promise<JsonObject> {
    const given = this.#steps.get(id);
    const names = parameterNames(step.params);
    const called = Object.entries(parameters).filter(([, value]) => value !== undefined);
    if (!given && called.length === 0 && !step.params) return {};
    const settings = new Map<string, Setting>(called.map(([name, value]) => [name, { origin: "definition", value }]));
    for (const [name, setting] of given ?? []) nest(settings, name, setting, names);
    for (const [name, { origin }] of settings) {
      if (!names || names.includes(name)) continue;
      const replacement = slot !== undefined && !given?.has(name);
      throw new TenonError(replacement ? "STEP_INTERFACE_MISMATCH" : "PARAMETER_UNKNOWN", {
        doing: `setting parameter '${name}' of step '${id}' ${from(origin)}`,
        found: names.length > 0 ? `its parameters are ${listed(names)}` : "it has no parameters",
        ...(replacement
          ? { fix: `The pipeline's body gives '${name}' to slot '${slot}': step '${step.name}' has to take it.` }
          : nearest(name, names)),
      });
    }
    const resolved = await resolve(step.params, settings, `step '${id}'`, `${id}.`);
    Object.assign(this.origins, resolved.origins);
    return resolved.stored;
  }
}

async function resolve(
  schema: Schema | undefined,
  settings: ReadonlyMap<string, Setting>,
  owner: string,
  prefix: string,
) {
  const given: Record<string, unknown> = {};
  for (const [name, { value }] of settings) if (name !== "__proto__") given[name] = value;
  let result = await validate(schema, given);
  if ("issues" in result && readRaw(result.issues, settings, given)) {
    const { issues } = result;
    result = await validate(schema, given);
    if ("issues" in result) result = { issues: nearer(issues, result.issues) };
  }
  if ("issues" in result) throw invalid(result.issues, settings, owner);
  const origins: Record<string, ParameterOrigin> = {};
  for (const name of Object.keys(result.value)) origins[prefix + name] = settings.get(name)?.origin ?? "default";
  const stored = schema ? await storable(schema, given, result.value) : {};
  if (stored) return { value: result.value, stored, origins };
  throw new TenonError("PARAMETER_INVALID", {
    doing: `recording the parameters of ${owner}`,
    found: "a value cannot be written as JSON",
    fix: "Parameters are configuration: pass data as an input instead.",
  });
}

/** Takes texts from the command line as they are where the schema refuses what they mean as JSON. */
function readRaw(
  issues: readonly SchemaIssue[],
  settings: ReadonlyMap<string, Setting>,
  given: Record<string, unknown>,
) {
  let changed = false;
  for (const issue of issues) {
    const [name = ""] = issuePath(issue);
    const raw = settings.get(name)?.raw;
    if (raw === undefined || given[name] === raw) continue;
    given[name] = raw;
    changed = true;
  }
  return changed;
}

/** Of what is wrong with a text from the command line, read both ways: not that the text is no number, where a number was meant. */
function nearer(asMeant: readonly SchemaIssue[], asText: readonly SchemaIssue[]): readonly SchemaIssue[] {
  const isOfType = (issue: SchemaIssue) => (issue as { readonly code?: unknown }).code === "invalid_type";
  return asText.flatMap((issue) => {
    const [name] = issuePath(issue);
    const others = asMeant.filter((one) => issuePath(one)[0] === name);
    return isOfType(issue) && others.length > 0 && !others.some(isOfType) ? others : [issue];
  });
}

function invalid(issues: readonly SchemaIssue[], settings: ReadonlyMap<string, Setting>, owner: string): TenonError {
  const places = new Set(issues.map((issue) => settings.get(issuePath(issue)[0] ?? "")?.origin));
  const [place] = places;
  const origin = places.size === 1 && place ? ` ${from(place)}` : "";
  const found = issues.map((issue) => {
    const setting = settings.get(issuePath(issue)[0] ?? "");
    const value = setting
      ? ` (it is ${shown(setting.raw ?? setting.value)}${origin ? "" : `, ${from(setting.origin)}`})`
      : "";
    return `${describeIssue(issue)}${value}`;
  });
  return new TenonError("PARAMETER_INVALID", {
    doing: `setting the parameters of ${owner}${origin}`,
    found: found.join("; "),
    details: { parameters: issues.map((issue) => issuePath(issue).join(".")), origins: [...places].filter(Boolean) },
  });
}

/** `optimizer.rate` sets a field of the parameter `optimizer`. */
function nest(
  settings: Map<string, Setting>,
  name: string,
  setting: Setting,
  names: readonly string[] | undefined,
): void {
  const [head = name, ...path] = name.split(".");
  if (path.length === 0 || names?.includes(name)) {
    settings.set(name, setting);
    return;
  }
  const before = settings.get(head)?.value;
  const value: Record<string, unknown> = isObject(before) ? structuredClone(before) : {};
  let inner = value;
  for (const key of path.slice(0, -1)) {
    const next = Object.hasOwn(inner, key) && isObject(inner[key]) ? (inner[key] as Record<string, unknown>) : {};
    Object.defineProperty(inner, key, { value: next, enumerable: true, writable: true, configurable: true });
    inner = next;
  }
  const last = path.at(-1) as string;
  Object.defineProperty(inner, last, { value: setting.value, enumerable: true, writable: true, configurable: true });
  settings.set(head, { origin: setting.origin, value });
}

function fromText(origin: ParameterOrigin, raw: string): Setting {
  try {
    return { origin, value: JSON.parse(raw), raw };
  } catch {
    return { origin, value: raw, raw };
  }
}

function from(origin: ParameterOrigin): string {
  return {
    default: "by default",
    definition: "in the pipeline's definition",
    code: "in code",
    file: "in a file",
    "command line": "on the command line",
  }[origin];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function listed(names: readonly string[]): string {
  return names.length > 12 ? `${names.slice(0, 12).join(", ")} and ${names.length - 12} more` : names.join(", ");
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
