import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { StepSource } from "../contracts/plan.js";
import { bindingOf, type StepBinding } from "../pipeline/binding.js";
import type { GraphNode } from "../pipeline/graph.js";
import type { ResolvedOptions } from "../pipeline/settings.js";
import { realFile } from "../pipeline/source.js";
import type { StepDefinition } from "../pipeline/step.js";
import type { CompileOptions } from "./compile.js";

export interface Identity {
  readonly source: StepSource;
  readonly fingerprint?: string;
}

export interface Identities {
  of(node: GraphNode, resolved: ResolvedOptions): Identity;
  readonly warnings: readonly string[];
}

/** Where each step comes from, and the fingerprint of its code. */
export async function identifySteps(nodes: readonly GraphNode[], options: CompileOptions): Promise<Identities> {
  const root = realFile(options.project.root);
  const bindings = new Map<StepDefinition, StepBinding | undefined>();
  for (const { step } of nodes) if (!bindings.has(step)) bindings.set(step, await bindingOf(step));
  return {
    warnings: [],
    of: ({ step }) => ({ source: sourceOf(step, bindings.get(step), root) }),
  };
}

function sourceOf(step: StepDefinition, found: StepBinding | undefined, root: string): StepSource {
  const file = found?.file ?? step.site.frames[0]?.file;
  if (!file) return {};
  const installed = packageOf(file);
  return {
    module: installed ? installed.module : relative(root, realFile(file)).split(sep).join("/"),
    ...(found ? { binding: found.binding } : {}),
    ...(installed ? { version: installed.version } : {}),
  };
}

function packageOf(file: string): { readonly module: string; readonly version: string } | undefined {
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
void createHash;
