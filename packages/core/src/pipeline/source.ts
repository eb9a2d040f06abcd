import { realpathSync } from "node:fs";
import { findSourceMap, type SourceMap } from "node:module";
import { fileURLToPath } from "node:url";
import type { StepDefinition } from "./step.js";

/** A place in a file, lines and columns from 1. */
export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Where a step was made. */
export interface DefinitionSite {
  /** The call of `step` first, then its callers, as they are in the files that the process ran. */
  readonly frames: readonly Frame[];
  /** True if Node itself loaded the module, so that positions (through source maps) are those of the source file. */
  readonly exact: boolean;
}

const depth = 16;

/** Who called `above`. Costs some microseconds. */
export function definitionSite(above: (...values: never) => unknown): DefinitionSite {
  const { prepareStackTrace, stackTraceLimit } = Error;
  const holder: { stack?: NodeJS.CallSite[] } = {};
  try {
    Error.stackTraceLimit = depth;
    Error.prepareStackTrace = (_, sites) => sites;
    Error.captureStackTrace(holder, above);
    return readSites(holder.stack ?? []);
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function readSites(sites: readonly NodeJS.CallSite[]): DefinitionSite {
  const frames: Frame[] = [];
  for (const site of sites) {
    const name = site.getFileName();
    if (name?.startsWith("node:internal/modules/")) return { frames, exact: true };
    const file = name ? filePath(name) : undefined;
    const line = site.getLineNumber();
    const column = site.getColumnNumber();
    if (file && line !== null && column !== null) frames.push({ file, line, column });
  }
  return { frames, exact: false };
}

/** The path behind a module's URL or file name, without what a loader has added to tell versions apart. */
export function filePath(name: string): string | undefined {
  if (name.startsWith("node:")) return undefined;
  try {
    if (name.startsWith("file:")) return fileURLToPath(name.replace(/[?#].*$/, ""));
  } catch {
    return undefined;
  }
  return name.startsWith("/") || /^[A-Za-z]:[\\/]/.test(name) ? name.replace(/\?.*$/, "") : undefined;
}

/** The frame in the file that its author wrote. */
export function originalFrame(frame: Frame): Frame {
  const entry = sourceMapOf(frame.file)?.findEntry(frame.line - 1, frame.column - 1);
  if (!entry || !("originalLine" in entry)) return frame;
  const file = filePath(entry.originalSource) ?? frame.file;
  return file === frame.file ? { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 } : frame;
}

const sourceMaps = new Map<string, SourceMap | undefined>();

/** Node resolves and looks up anew each time, which adds up over hundreds of steps. */
function sourceMapOf(file: string): SourceMap | undefined {
  if (!sourceMaps.has(file)) sourceMaps.set(file, findSourceMap(file));
  return sourceMaps.get(file);
}

interface Registered {
  readonly definition: StepDefinition;
  /** How many were made at this place under this name. */
  readonly count: number;
}

const registry = new Map<string, Map<string, Registered>>();

export function registerStep(definition: StepDefinition): void {
  const place = placeOf(definition);
  // Under its callers' files too: a step that a factory of another file makes belongs where the factory was called.
  for (const file of new Set(definition.site.frames.map((frame) => frame.file))) {
    const places = registry.get(file) ?? new Map<string, Registered>();
    registry.set(file, places);
    places.set(place, { definition, count: (places.get(place)?.count ?? 0) + 1 });
  }
}

/** The steps made by code in a file, the last one of each place and name. */
export function stepsMadeIn(file: string): readonly StepDefinition[] {
  return [...(registry.get(file)?.values() ?? [])].map(({ definition }) => definition);
}

/** How often a step of this name was made at this place: more than once in a loop, or if a module was run again. */
export function timesMade(definition: StepDefinition): number {
  const file = definition.site.frames[0]?.file ?? "";
  return registry.get(file)?.get(placeOf(definition))?.count ?? 1;
}

function placeOf(definition: StepDefinition): string {
  const frames = definition.site.frames.map(({ file, line, column }) => `${file}:${line}:${column}`);
  return [definition.name, ...frames].join("\n");
}

export function realFile(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
