import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import type { parseSync } from "rolldown/utils";
import { digest } from "./facts.js";

/** What a fingerprint is made of, named, so that a later one can be compared with it in words. */
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

/** Remembers the parts of a fingerprint, as far as this machine has seen it. Losing them loses an explanation only. */
export function keepParts(stateDirectory: string, fingerprint: string, parts: CodeParts): void {
  const path = pathOf(stateDirectory, fingerprint);
  if (existsSync(path)) return;
  try {
    mkdirSync(join(stateDirectory, "cache", "code"), { recursive: true });
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify(parts));
    renameSync(temporary, path);
  } catch {}
}

/**
 * Why two fingerprints of a step differ, as far as it is known on this machine: `normalise in src/clean.ts`,
 * `left 1.0.0 → 1.0.1`. Undefined if one of them was taken elsewhere.
 */
export function changedParts(stateDirectory: string, before: string, after: string): readonly string[] | undefined {
  const [one, other] = [readParts(stateDirectory, before), readParts(stateDirectory, after)];
  if (!one || !other) return undefined;
  const names = new Set([...Object.keys(one.code), ...Object.keys(other.code)]);
  const code = [...names].filter((name) => one.code[name] !== other.code[name]);
  return [...code.sort(), ...changedPackages(one.packages, other.packages)];
}

export function partName(name: string, file: string, root: string): string {
  return `${name} in ${relative(root, file).split(sep).join("/")}`;
}

function changedPackages(before: readonly string[], after: readonly string[]): string[] {
  const versions = (list: readonly string[]) => {
    const byName = new Map<string, string[]>();
    for (const entry of list) {
      const at = entry.lastIndexOf("@");
      const name = entry.slice(0, at);
      byName.set(name, [...(byName.get(name) ?? []), entry.slice(at + 1)]);
    }
    return byName;
  };
  const [old, now] = [versions(before), versions(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [from, to] = [(old.get(name) ?? ["none"]).join(", "), (now.get(name) ?? ["none"]).join(", ")];
    return from === to ? [] : [`${name} ${from} → ${to}`];
  });
}

function readParts(stateDirectory: string, fingerprint: string): CodeParts | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(stateDirectory, fingerprint), "utf8")) as CodeParts;
  } catch {
    return undefined;
  }
}

function pathOf(stateDirectory: string, fingerprint: string): string {
  return join(stateDirectory, "cache", "code", `${fingerprint.replace(/^sha256:/, "")}.json`);
}
