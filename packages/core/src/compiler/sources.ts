import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { StepSource } from "../contracts/plan.js";
import { bindingOf, parseTopLevel, type StepBinding } from "../pipeline/binding.js";
import type { GraphNode } from "../pipeline/graph.js";
import type { ResolvedOptions } from "../pipeline/settings.js";
import { realFile } from "../pipeline/source.js";
import type { StepDefinition } from "../pipeline/step.js";
import type { CompileOptions } from "./compile.js";
import { digest } from "./facts.js";
import { type CodeDigest, digestFiles, Fingerprinter } from "./fingerprint.js";
import { FingerprintCache, madeBy } from "./fingerprint-cache.js";

export interface Identity {
  readonly source: StepSource;
  readonly fingerprint?: string;
}

export interface Identities {
  of(node: GraphNode, resolved: ResolvedOptions): Identity;
  /** Sentences, for people. */
  readonly warnings: readonly string[];
}

interface Known {
  readonly source: StepSource;
  readonly directory: string;
  readonly code: CodeDigest | undefined;
}

/** Where each step comes from, and the fingerprint of its code. @throws `STEP_SOURCE_INVALID` */
export async function identifySteps(nodes: readonly GraphNode[], options: CompileOptions): Promise<Identities> {
  const root = realFile(options.project.root);
  const cache = new FingerprintCache(options.project.stateDirectory);
  const fingerprinter = new Fingerprinter(cache);
  const topLevel = async (file: string) => {
    const known = cache.bindings(file);
    if (known) return known;
    const bindings = await parseTopLevel(file);
    cache.addBindings(file, bindings);
    return bindings;
  };
  const packages = new Map<string, PackageModule | undefined>();
  const steps = new Map<StepDefinition, Known>();
  const warnings = new Set<string>();
  for (const { step } of nodes) {
    if (steps.has(step)) continue;
    const found = await bindingOf(step, topLevel);
    const file = found?.file ?? step.site.frames[0]?.file;
    if (file && !packages.has(file)) packages.set(file, packageModule(file));
    const installed = file ? packages.get(file) : undefined;
    const wanted = options.fingerprints && step.resolved.settings.cache.enabled;
    const code = !found || !wanted ? undefined : await codeOf(found, installed, fingerprinter);
    if (code?.open) {
      warnings.add(
        `Step '${step.name}' loads modules whose names are known only when it runs; a change in them is not noticed. List them under 'files'.`,
      );
    }
    steps.set(step, {
      source: sourceOf(file, found, installed, root),
      directory: file ? dirname(file) : root,
      code,
    });
  }
  cache.save();
  return {
    get warnings() {
      return [...warnings];
    },
    of({ step }, resolved) {
      const { source, directory, code } = steps.get(step) as Known;
      const { cache: policy } = resolved.settings;
      if (!options.fingerprints || !policy.enabled) return { source };
      const base = code?.digest ?? (policy.key === undefined ? undefined : `key ${JSON.stringify(policy.key)}`);
      if (base === undefined) {
        warnings.add(
          `Step '${step.name}' is made inside a function, so its code cannot be found again and it is never cached. Make it at the top level of a module, or give it a key: cache: { key: … }.`,
        );
        return { source };
      }
      const environment = [...resolved.env].sort().map((name) => [name, process.env[name] ?? null]);
      const parts = [madeBy(), step.name, base, digestFiles(resolved.files, directory), environment];
      return { source, fingerprint: `sha256:${digest(JSON.stringify(parts))}` };
    },
  };
}

async function codeOf(
  { file, binding }: StepBinding,
  installed: PackageModule | undefined,
  fingerprinter: Fingerprinter,
): Promise<CodeDigest> {
  return installed ? fingerprinter.ofPackage(file, binding) : await fingerprinter.ofBinding(file, binding);
}

function sourceOf(
  file: string | undefined,
  found: StepBinding | undefined,
  installed: PackageModule | undefined,
  root: string,
): StepSource {
  if (!file) return {};
  return {
    module: installed?.module ?? relative(root, realFile(file)).split(sep).join("/"),
    ...(found ? { binding: found.binding } : {}),
    ...(installed ? { version: installed.version } : {}),
  };
}

interface PackageModule {
  readonly module: string;
  readonly version: string;
}

function packageModule(file: string): PackageModule | undefined {
  const real = realFile(file);
  if (!real.includes(`${sep}node_modules${sep}`)) return undefined;
  for (let directory = dirname(real); directory !== dirname(directory); directory = dirname(directory)) {
    const manifest = join(directory, "package.json");
    if (!existsSync(manifest)) continue;
    const { name, version } = JSON.parse(readFileSync(manifest, "utf8")) as { name?: string; version?: string };
    if (name && version) return { module: `${name}/${relative(directory, real).split(sep).join("/")}`, version };
  }
  return undefined;
}
