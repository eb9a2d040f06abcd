import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { parseSync } from "rolldown/utils";
import { digest } from "./facts.js";
import type { ReachedParts } from "./fingerprint.js";

/** What the digest of reachable code is made of, named, so that a later one can be compared with it in words. */
export interface CodeParts {
  /** `normalise in src/clean.ts` → digest of its code. */
  readonly code: Readonly<Record<string, string>>;
  /** `name@version` of the packages that it reaches. */
  readonly packages: readonly string[];
}

/** The top-level declarations of a module that a bundle holds. */
export function declarations(text: string, parse: typeof parseSync): Record<string, string> {
  const parts: Record<string, string> = {};
  for (const statement of parse("module.js", text).program.body) {
    const names =
      statement.type === "VariableDeclaration"
        ? statement.declarations.map(({ id }) => (id.type === "Identifier" ? id.name : "a pattern"))
        : statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration"
          ? [statement.id?.name ?? "the default export"]
          : ["top-level code"];
    const code = text.slice(statement.start, statement.end);
    for (const name of names) parts[name] = digest((parts[name] ?? "") + code);
  }
  return parts;
}

/** Digests are shortened: they only have to differ. */
export function nameParts({ declarations, packages }: ReachedParts, root: string): CodeParts {
  const code: Record<string, string> = {};
  for (const [file, names] of Object.entries(declarations)) {
    for (const [name, value] of Object.entries(names)) code[partName(name, file, root)] = value.slice(0, 16);
  }
  return { code, packages: [...new Set(packages)].sort() };
}

/** Remembers on this machine what a digest of code is made of, until a run records it. Losing it loses words only. */
export function keepParts(stateDirectory: string, codeDigest: string, parts: CodeParts): void {
  const path = pathOf(stateDirectory, codeDigest);
  if (existsSync(path)) return;
  try {
    mkdirSync(join(stateDirectory, "cache", "code"), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(parts));
    renameSync(temporary, path);
  } catch {}
}

export function readParts(stateDirectory: string, codeDigest: string): CodeParts | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(stateDirectory, codeDigest), "utf8")) as CodeParts;
  } catch {
    return undefined;
  }
}

function partName(name: string, file: string, root: string): string {
  return `${name} in ${relative(root, file).split(sep).join("/")}`;
}

function pathOf(stateDirectory: string, codeDigest: string): string {
  return join(stateDirectory, "cache", "code", `${codeDigest}.json`);
}
