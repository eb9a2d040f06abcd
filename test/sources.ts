import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const workspace = fileURLToPath(new URL("..", import.meta.url));

export interface SourceFile {
  /** Relative to the workspace, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
}

export interface Import {
  /** As written: `../errors.js`, `zod`. */
  readonly specifier: string;
  readonly kind: "static" | "type" | "dynamic";
  /** The file that a relative specifier leads to, relative to the workspace. */
  readonly file: string | undefined;
}

/** The TypeScript files below a directory of the workspace, tests and declarations left out. */
export function sources(directory: string): SourceFile[] {
  return readdirSync(join(workspace, directory), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => name.endsWith(".ts") && !/\.(test|test-d|d)\.ts$/.test(name) && !name.includes("node_modules/"))
    .map((name) => source(`${directory}/${name}`));
}

export function source(path: string): SourceFile {
  const text = readFileSync(join(workspace, path), "utf8");
  return { path, text, lines: text.trimEnd().split("\n").length, imports: importsOf(path, text) };
}

function importsOf(path: string, text: string): Import[] {
  const code = text.replaceAll(/^\s*(\*|\/\*|\/\/).*$/gm, "");
  const found = (pattern: RegExp, kind: (match: RegExpMatchArray) => Import["kind"]): Import[] =>
    [...code.matchAll(pattern)].map((match) => {
      const specifier = match.at(-1) ?? "";
      const file = specifier.startsWith(".")
        ? relative(workspace, resolve(workspace, dirname(path), specifier.replace(/\.js$/, ".ts"))).replaceAll(
            "\\",
            "/",
          )
        : undefined;
      return { specifier, kind: kind(match), file };
    });
  return [
    ...found(/^(?:import|export)\s+(type\s+)?(?:[\w*{][^;"']*?\sfrom\s+)?"([^"]+)"/gm, (match) =>
      match[1] === undefined ? "static" : "type",
    ),
    ...found(/\bimport\(\s*"([^"]+)"/g, () => "dynamic"),
  ];
}
