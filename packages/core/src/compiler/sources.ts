import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { StepSource } from "../contracts/plan.js";
import type { FingerprintRecord } from "../ledger/code-records.js";
import { bindingOf, parseTopLevel, type StepBinding } from "../pipeline/binding.js";
import type { GraphNode } from "../pipeline/graph.js";
import type { ResolvedOptions } from "../pipeline/settings.js";
import { realFile } from "../pipeline/source.js";
import type { StepDefinition } from "../pipeline/step.js";
import type { TopLevelBinding } from "../pipeline/top-level.js";
import { keepParts, nameParts, readParts } from "./code-parts.js";
import type { CompileOptions } from "./compile.js";
import { digest } from "./facts.js";
import { type CodeDigest, digestFiles, Fingerprinter } from "./fingerprint.js";
import { FingerprintCache, madeBy } from "./fingerprint-cache.js";

/** Where a step's code is, and what it is. */
export interface StepCode {
  readonly source: StepSource;
  /** Absent for a step that is never cached. */
  readonly fingerprint?: string;
  /** What the fingerprint is made of, as far as it is known on this machine. */
  parts?(): FingerprintRecord | undefined;
  /** Local files and directories that it reaches, absolute. Absent if that is not known. */
  readonly files?: readonly string[];
  /** True if it also loads modules whose names are known only when it runs. */
  readonly open: boolean;
}

/** A step as it is called, or found again. */
export interface CalledStep {
  readonly step: StepDefinition;
  /** What the call says differently from the step. */
  readonly options?: Pick<GraphNode["options"], "cache">;
}

export interface Identities {
  of(called: CalledStep, resolved: ResolvedOptions): StepCode;
  /** Sentences, for people. */
  readonly warnings: readonly string[];
}

interface Known {
  readonly source: StepSource;
  readonly directory: string;
  readonly found: StepBinding | undefined;
  readonly code: CodeDigest | undefined;
}

/** Where each step comes from, and the fingerprint of its code. @throws `STEP_SOURCE_INVALID` */
export async function identifySteps(
  called: readonly CalledStep[],
  options: Pick<CompileOptions, "project" | "fingerprints" | "reach">,
): Promise<Identities> {
  const root = realFile(options.project.code ?? options.project.root);
  const cache = new FingerprintCache(options.project.stateDirectory);
  const fingerprinter = new Fingerprinter(cache);
  const places = new Map<string, Place>();
  const placeOf = (file: string): Place => {
    const place = places.get(file) ?? findPlace(file, root);
    places.set(file, place);
    return place;
  };
  const wanted = new Map<StepDefinition, boolean>();
  for (const { step, options: { cache } = {} } of called) {
    const isCached = cache === undefined ? step.resolved.settings.cache.enabled : cache !== false;
    const isWanted = options.fingerprints && (isCached || options.reach === true);
    wanted.set(step, wanted.get(step) || isWanted);
  }
  const steps = new Map<StepDefinition, Known>();
  const identify = async (step: StepDefinition, isWanted: boolean): Promise<void> => {
    const found = await bindingOf(step, (file) => topLevelOf(file, cache));
    const file = found?.file ?? step.site.frames[0]?.file;
    const place = file ? placeOf(file) : undefined;
    steps.set(step, {
      source: Object.freeze(place ? { ...place.source, ...(found ? { binding: found.binding } : {}) } : {}),
      directory: place ? dirname(place.real) : root,
      found,
      code: found && place && isWanted ? await codeOf(found, place, fingerprinter) : undefined,
    });
  };
  // The bundler works in threads of its own: a few at a time keep them busy.
  const open = [...wanted];
  const worker = async () => {
    for (let next = open.shift(); next; next = open.shift()) await identify(...next);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  cache.save();

  const warnings = new Set<string>();
  const kept = new Set<string>();
  // Many calls of a step have its own settings, and then one identity.
  const identities = new Map<StepDefinition, Map<unknown, StepCode>>();
  return {
    get warnings() {
      return [...warnings];
    },
    of({ step }, resolved) {
      const ofStep = identities.get(step) ?? new Map<unknown, StepCode>();
      identities.set(step, ofStep);
      const known = ofStep.get(resolved);
      if (known) return known;
      const identity = identityOf(step, resolved);
      ofStep.set(resolved, identity);
      return identity;
    },
  };

  function identityOf(step: StepDefinition, resolved: ResolvedOptions): StepCode {
    const { source, directory, found, code } = steps.get(step) as Known;
    const { cache: policy } = resolved.settings;
    const declared = resolved.files.map((name) => resolve(directory, name));
    const reach = { source, open: code?.open ?? false, ...(code?.files && { files: [...code.files, ...declared] }) };
    if (!options.fingerprints || !policy.enabled) return reach;
    const base = code?.digest ?? (policy.key === undefined ? undefined : `key ${JSON.stringify(policy.key)}`);
    if (code?.open) warnings.add(openWarning(step.name));
    if (base === undefined) {
      warnings.add(uncachedWarning(step.name, found ? code?.failure : "it is made inside a function"));
      return reach;
    }
    const environment = [...resolved.env].sort().map((name) => [name, process.env[name] ?? null] as const);
    const files = digestFiles(resolved.files, directory);
    const parts = [madeBy(), step.name, base, files, environment];
    const fingerprint = `sha256:${digest(JSON.stringify(parts))}`;
    const { stateDirectory } = options.project;
    if (code?.digest && code.reached && !kept.has(code.digest)) {
      kept.add(code.digest);
      keepParts(stateDirectory, code.digest, nameParts(code.reached, root));
    }
    const describe = (): FingerprintRecord | undefined => {
      const known = code?.packages
        ? { code: {}, packages: code.packages }
        : readParts(stateDirectory, code?.digest ?? "");
      if (code?.digest && !known) return undefined;
      return {
        made: madeBy(),
        code: known?.code ?? {},
        packages: known?.packages ?? [],
        files: Object.fromEntries(files),
        // A digest alone, for a variable may hold a secret.
        environment: Object.fromEntries(
          environment.map(([name, value]) => [name, value === null ? null : digest(`${name}=${value}`).slice(0, 16)]),
        ),
      };
    };
    return { ...reach, fingerprint, parts: describe };
  }
}

function openWarning(name: string): string {
  return `Step '${name}' loads modules whose names are known only when it runs; a change in them is not noticed. List them under 'files'.`;
}

function uncachedWarning(name: string, because = "its code cannot be followed"): string {
  return `Step '${name}' is never cached: ${because}. Make it at the top level of a module, or give it a key that stands for its code: cache: { key: … }.`;
}

async function topLevelOf(file: string, cache: FingerprintCache): Promise<readonly TopLevelBinding[]> {
  const known = cache.bindings(file);
  if (known) return known;
  const bindings = await parseTopLevel(file);
  cache.addBindings(file, bindings);
  return bindings;
}

async function codeOf(found: StepBinding, place: Place, fingerprinter: Fingerprinter): Promise<CodeDigest> {
  return place.source.version
    ? fingerprinter.ofPackage(place.real, found.binding)
    : await fingerprinter.ofBinding(place.real, found.binding);
}

/** A file as a plan names it. */
interface Place {
  readonly real: string;
  readonly source: StepSource & { readonly module: string };
}

function findPlace(file: string, root: string): Place {
  const real = realFile(file);
  const toPosix = (path: string) => path.split(sep).join("/");
  if (real.includes(`${sep}node_modules${sep}`)) {
    for (let directory = dirname(real); directory !== dirname(directory); directory = dirname(directory)) {
      const manifest = join(directory, "package.json");
      if (!existsSync(manifest)) continue;
      const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version?: string };
      if (name && version) {
        return { real, source: { module: `${name}/${toPosix(relative(directory, real))}`, version } };
      }
    }
  }
  return { real, source: { module: toPosix(relative(root, real)) } };
}
