import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { TenonError } from "../errors.js";

const typescript = /\.(ts|mts|cts|tsx)$/;
let registered = false;

/**
 * Imports a module of the project by its path, TypeScript included.
 *
 * @throws `STEP_SOURCE_INVALID` if it is not there, does not parse, or throws when it is imported; an error that Tenon
 * raised in it is passed on as it is
 */
export async function importModule(path: string): Promise<Record<string, unknown>> {
  const doing = `importing ${path}`;
  if (!existsSync(path)) {
    throw new TenonError("STEP_SOURCE_INVALID", { doing, found: "there is no such file", fix: "Check the path." });
  }
  if (typescript.test(path)) await registerTypescript();
  try {
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Record<string, unknown>;
  } catch (error) {
    if (TenonError.is(error)) throw error;
    throw new TenonError("STEP_SOURCE_INVALID", {
      doing,
      found: isSyntaxError(error) ? `it does not parse: ${firstLines(error)}` : `it failed: ${firstLines(error)}`,
      ...(isTakenForCommonjs(error) && { fix: 'Write "type": "module" into package.json: npm pkg set type=module' }),
      cause: error,
    });
  }
}

/** The arguments of Node for a child process that will have to import a module. */
export function tsExecArgv(path: string): readonly string[] {
  if (!typescript.test(path)) return [];
  return ["--import", pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href];
}

/** Once for the process; not where the process was started with tsx, which would then transform everything twice. */
async function registerTypescript(): Promise<void> {
  if (registered || startedWithTypescript()) return;
  registered = true;
  const { register } = await import("tsx/esm/api");
  register();
}

function startedWithTypescript(): boolean {
  const arguments_ = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  return /[/\\]tsx[/\\]|(--import|--loader|-r|--require)[= ]tsx/.test(arguments_);
}

function isSyntaxError(error: unknown): error is Error {
  return error instanceof SyntaxError || (error instanceof Error && error.name === "TransformError");
}

/** What Node and tsx say of import and export in a project whose package.json does not say that it has modules. */
function isTakenForCommonjs(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return (
    code === "ERR_REQUIRE_CYCLE_MODULE" ||
    code === "ERR_REQUIRE_ESM" ||
    /outside a module|Unexpected token 'export'|require\(\) ES Module|"cjs" output format/.test(error.message)
  );
}

function firstLines(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split("\n").slice(0, 3).join(" ").replace(/\.$/, "");
}
