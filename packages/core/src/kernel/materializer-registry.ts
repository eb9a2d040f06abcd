import { resolve } from "node:path";
import type { FoundMaterializer, MaterializerSource } from "../artifacts/materializer-source.js";
import { nearestName } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import { builtInForValue, builtInMaterializers, whyNotBuiltIn } from "../materializers/built-in.js";
import type { Integrations } from "./integrations.js";
import { packageThatHas } from "./known-integrations.js";
import {
  builtInCandidate,
  type Candidate,
  integrationCandidates,
  registeredCandidate,
} from "./materializer-candidate.js";
import { commandLine, installCommand, packageManagerOf } from "./package-manager.js";
import type { Project } from "./project.js";
import {
  isMaterializer,
  isMaterializerDefinition,
  type RegisteredMaterializer,
  registeredMaterializers,
} from "./registered-materializers.js";

/**
 * Finds materializers: those that the program registered, those that installed integrations name in their manifests,
 * and the built-ins, in this order. An integration is activated only when one of its own is taken.
 */
export class MaterializerRegistry implements MaterializerSource {
  readonly #project: Project;
  readonly #integrations: Integrations;
  readonly #builtIn = builtInMaterializers.map((definition) => ({
    definition,
    candidate: builtInCandidate(definition),
  }));
  readonly #registered = new Map<RegisteredMaterializer, Candidate>();
  #installed: readonly Candidate[] | undefined;
  #ofProject: Promise<readonly RegisteredMaterializer[]> | undefined;

  constructor(project: Project, integrations: Integrations) {
    this.#project = project;
    this.#integrations = integrations;
  }

  async forType(type: string, { format }: { readonly format?: string } = {}): Promise<FoundMaterializer> {
    const all = await this.#candidates();
    const ofType = all.filter((candidate) => candidate.type === type);
    if (ofType.length === 0) throw this.#unknownType(type, all);
    const fitting =
      format === undefined
        ? ofType
        : [ofType.filter(({ writes }) => writes === format), ofType.filter(({ reads }) => reads.includes(format))].find(
            (some) => some.length > 0,
          );
    if (fitting === undefined) throw unreadable(type, format as string, ofType, all);
    return found(
      only(fitting, `the materializer of '${type}'${format === undefined ? "" : ` for the format '${format}'`}`),
    );
  }

  async forValue(value: unknown): Promise<FoundMaterializer> {
    const registered = await this.#registeredCandidates();
    const recognising = registered.filter((candidate) => candidate.recognises?.(value) === true);
    if (recognising.length > 0) return found(only(recognising, `the materializer of ${described(value)}`));

    const classes = classNames(value);
    const refused: string[] = [];
    for (const name of classes) {
      const named = [...registered, ...this.#installedCandidates()].filter((one) => one.classes.includes(name));
      const confirmed: Candidate[] = [];
      for (const candidate of named) {
        const materializer = await candidate.load();
        if (materializer.recognises?.(value) ?? true) confirmed.push(candidate);
        else refused.push(`${candidate.id} of ${candidate.owner}, which does not recognise it`);
      }
      if (confirmed.length > 0) return found(only(confirmed, `the materializer of ${described(value)}`));
    }

    const definition = builtInForValue(value);
    const builtIn = this.#builtIn.find((one) => one.definition === definition);
    if (builtIn !== undefined) return found(builtIn.candidate);
    throw this.#unknownValue(value, classes, refused);
  }

  async #candidates(): Promise<readonly Candidate[]> {
    const builtIn = this.#builtIn.map(({ candidate }) => candidate);
    return [...(await this.#registeredCandidates()), ...this.#installedCandidates(), ...builtIn];
  }

  async #registeredCandidates(): Promise<readonly Candidate[]> {
    const ofProject = this.#project.config.materializers === undefined ? [] : await this.#projectMaterializers();
    return [...new Set([...registeredMaterializers(), ...ofProject])].map((registered) => {
      const candidate = this.#registered.get(registered) ?? registeredCandidate(registered);
      this.#registered.set(registered, candidate);
      return candidate;
    });
  }

  #installedCandidates(): readonly Candidate[] {
    this.#installed ??= this.#integrations.discovery.integrations.flatMap((discovered) =>
      integrationCandidates(discovered, this.#integrations, this.#project.code),
    );
    return this.#installed;
  }

  #projectMaterializers(): Promise<readonly RegisteredMaterializer[]> {
    this.#ofProject ??= Promise.all(
      (this.#project.config.materializers ?? []).map((path) => this.#fromModule(path)),
    ).then((lists) => lists.flat());
    return this.#ofProject;
  }

  async #fromModule(path: string): Promise<readonly RegisteredMaterializer[]> {
    const { importModule } = await import("../pipeline/load-module.js");
    let exported: unknown[];
    try {
      exported = Object.values(await importModule(resolve(this.#project.code, path)));
    } catch (cause) {
      throw new TenonError("MATERIALIZER_FAILED", {
        doing: `importing ${path}, which tenon.yaml names under 'materializers'`,
        found: cause instanceof Error ? cause.message : String(cause),
        details: { module: path },
        cause,
      });
    }
    return exported.filter((value) => isMaterializer(value) || isMaterializerDefinition(value));
  }

  #unknownType(type: string, all: readonly Candidate[]): TenonError {
    const types = [...new Set(all.map((candidate) => candidate.type))];
    const nearest = nearestName(type, types);
    return new TenonError("MATERIALIZER_MISSING", {
      doing: `looking for a materializer of the type '${type}'`,
      found: `there is none in ${this.#places()}; known types are ${types.join(", ")}`,
      fix: this.#install({ type }) ?? (nearest === undefined ? registerIt : `Did you mean '${nearest}'?`),
      details: { type, known: types },
    });
  }

  #unknownValue(value: unknown, classes: readonly string[], refused: readonly string[]): TenonError {
    const what = classes.length === 0 ? described(value) : `${described(value)} (classes ${classes.join(", ")})`;
    const tried = refused.length === 0 ? "" : `; tried were ${refused.join(", ")}`;
    const why = whyNotBuiltIn(value);
    const inside = why === undefined || why.startsWith("$ is") ? "" : `, as ${why}`;
    return new TenonError("MATERIALIZER_MISSING", {
      doing: `looking for a materializer of ${what}`,
      found: `none in ${this.#places()} takes it${inside}${tried}`,
      fix: this.#install({ classes }) ?? `Return plain data, declare the output's type, or ${lowerFirst(registerIt)}`,
      details: { classes },
    });
  }

  #places(): string {
    const { integrations, broken } = this.#integrations.discovery;
    const names = integrations.map(({ manifest }) => manifest.integration);
    const installed =
      names.length === 0 ? "the installed integrations (there are none)" : `the manifests of ${names.join(", ")}`;
    const unread =
      broken.length === 0 ? "" : ` (that of ${broken.map((one) => one.packageName).join(", ")} cannot be read)`;
    return `what the program registered, ${installed}${unread} and the built-ins`;
  }

  #install(wanted: { type?: string; classes?: readonly string[] }): string | undefined {
    const name = packageThatHas(wanted);
    if (name === undefined || this.#integrations.discovery.integrations.some((one) => one.packageName === name))
      return undefined;
    return `Install it: ${commandLine(installCommand(packageManagerOf(this.#project.root), [{ name }]))}.`;
  }
}

const registerIt = "Register one with registerMaterializer, or name its module under 'materializers' in tenon.yaml.";

async function found(candidate: Candidate): Promise<FoundMaterializer> {
  return { id: candidate.id, materializer: await candidate.load() };
}

/** The one of the highest rank; two of one rank could both be meant. */
function only(candidates: readonly Candidate[], what: string): Candidate {
  const rank = Math.min(...candidates.map((candidate) => candidate.rank));
  const highest = candidates.filter((candidate) => candidate.rank === rank);
  const [first, second] = highest;
  if (first !== undefined && second === undefined) return first;
  const shown = highest.map(({ id, owner, type, writes }) => `${id} of ${owner} (type '${type}', writes '${writes}')`);
  throw new TenonError("MATERIALIZER_AMBIGUOUS", {
    doing: `looking for ${what}`,
    found: `several could be meant: ${shown.join(", ")}`,
    fix: "Declare the output's type, or ask for a format.",
    details: { candidates: highest.map(({ id, type, writes }) => ({ id, type, writes })) },
  });
}

function unreadable(type: string, format: string, ofType: readonly Candidate[], all: readonly Candidate[]): TenonError {
  const readers = [...new Set(all.filter(({ reads }) => reads.includes(format)).map((candidate) => candidate.type))];
  return new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
    doing: `looking for a materializer of '${type}' that reads the format '${format}'`,
    found: `those of that type read ${[...new Set(ofType.flatMap(({ reads }) => reads))].join(", ")}`,
    fix: readers.length === 0 ? "Load it as the type that it was saved as." : `Load it as ${readers.join(" or ")}.`,
    details: { type, format, readers },
  });
}

/** The class of a value and its ancestors, the nearest first; none for plain data. */
function classNames(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const names: string[] = [];
  for (
    let at: unknown = Object.getPrototypeOf(value);
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    if (at === Array.prototype) break;
    const name = (at as { constructor?: { name?: unknown } }).constructor?.name;
    if (typeof name === "string" && name !== "") names.push(name);
  }
  return names;
}

function described(value: unknown): string {
  if (typeof value === "function") return `a function ('${value.name}')`;
  const [name] = classNames(value);
  if (name === undefined && typeof value === "object" && value !== null) {
    return Array.isArray(value) ? "an array" : "a plain object";
  }
  return name === undefined
    ? `a value of the type ${value === null ? "null" : typeof value}`
    : `an instance of ${name}`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
