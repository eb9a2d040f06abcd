import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, extname, relative, resolve } from "node:path";
import type { PipelineDefinition } from "@tenon/core/internal";
import { usageError } from "./usage-error.js";

const endings = [".ts", ".mts", ".js", ".mjs"];
/** Where a pipeline is looked for if no file is named. */
const usualPlaces = ["pipeline", "src/pipeline"].flatMap((name) => endings.map((ending) => name + ending));

export type PipelineFile = { readonly path: string; readonly kind: "module" | "plan" };

/** The file that a command line names, or the usual one if it names none. */
export async function findPipelineFile(directory: string, given: string | undefined): Promise<PipelineFile> {
  if (given === undefined) {
    const found = usualPlaces.find((place) => existsSync(resolve(directory, place)));
    if (found !== undefined) return { path: resolve(directory, found), kind: "module" };
    throw usageError(
      "looking for a pipeline to run",
      "no file was named, and there is neither a pipeline.ts nor a src/pipeline.ts here",
      "Name the file, as in tenon run train.ts; or begin with tenon init.",
    );
  }
  const path = resolve(directory, given);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw await noSuchFile(directory, given, path);
  if (stats.isDirectory()) {
    const inside = usualPlaces.find((place) => existsSync(resolve(path, place)));
    if (inside !== undefined) return { path: resolve(path, inside), kind: "module" };
    throw usageError(`reading '${given}'`, "it is a directory without a pipeline.ts", "Name a file in it.");
  }
  const ending = extname(path);
  if (ending === ".yaml" || ending === ".yml") return { path, kind: "plan" };
  if (endings.includes(ending) || ending === ".cts" || ending === ".cjs" || ending === ".tsx")
    return { path, kind: "module" };
  throw usageError(
    `reading '${given}'`,
    `its ending is ${ending === "" ? "missing" : `'${ending}'`}`,
    "Pipelines are in TypeScript or JavaScript modules (.ts, .mts, .js, .mjs), plans in .yaml files.",
  );
}

async function noSuchFile(directory: string, given: string, path: string): Promise<Error> {
  const { suggest } = await import("@tenon/core/internal");
  const home = dirname(path);
  const neighbours = existsSync(home) ? readdirSync(home) : [];
  const near = suggest(
    basename(path),
    neighbours.filter((name) => /\.([mc]?[tj]s|tsx|ya?ml)$/.test(name)),
  );
  const commands = suggest(given, ["list", "show", "logs", "resume", "cancel", "compare", "reproduce"]);
  const fix = near ?? (given.includes(".") || given.includes("/") ? "Check the path." : commands);
  return usageError(`reading '${given}'`, `there is no such file in ${relative(directory, home) || directory}`, fix);
}

/** All pipelines that a module exports, by name. */
export async function loadPipelines(path: string): Promise<readonly PipelineDefinition[]> {
  const { importModule, isPipeline } = await import("@tenon/core/internal");
  const module = await importModule(path);
  const found = Object.values(module).filter(isPipeline);
  return [...new Set(found)];
}

/** The pipeline of that name, or the only one. */
export async function choosePipeline(path: string, name: string | undefined): Promise<PipelineDefinition> {
  const pipelines = await loadPipelines(path);
  const [only, ...others] = pipelines;
  const file = relative(process.cwd(), path);
  if (only === undefined) {
    throw pipelineError(
      `looking for a pipeline in ${file}`,
      "the module exports none",
      "Export what pipeline(…) returns: export const train = pipeline(…).",
    );
  }
  if (name === undefined && others.length === 0) return only;
  const names = pipelines.map((pipeline) => pipeline.name);
  const chosen = pipelines.find((pipeline) => pipeline.name === name);
  if (chosen !== undefined) return chosen;
  if (name === undefined) {
    throw usageError(
      `choosing a pipeline of ${file}`,
      `the module exports ${names.join(", ")}`,
      `Say which one: --pipeline ${names[0]}.`,
    );
  }
  const { suggest } = await import("@tenon/core/internal");
  throw pipelineError(
    `looking for the pipeline '${name}' in ${file}`,
    `it has ${names.join(", ")}`,
    suggest(name, names),
  );
}

function pipelineError(doing: string, found: string, fix: string | undefined): Error {
  return Object.assign(usageError(doing, found, fix), { code: "PIPELINE_UNKNOWN" });
}
