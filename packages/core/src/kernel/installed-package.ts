import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly main?: unknown;
  readonly exports?: unknown;
  readonly tenon?: unknown;
  readonly packageManager?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** @throws whatever reading or parsing throws */
export function readPackageJson(directory: string): PackageJson {
  const parsed: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  if (typeof parsed !== "object" || parsed === null) throw new SyntaxError("it is not an object");
  return parsed as PackageJson;
}

/** The file that `import "package"` loads in Node; `undefined` if the package names none that is there. */
export function mainModule(directory: string, { exports, main }: PackageJson): string | undefined {
  const target =
    exports === undefined || exports === null
      ? undefined
      : conditionalTarget(isSubpathMap(exports) ? (exports as Record<string, unknown>)["."] : exports);
  const candidates =
    exports === undefined || exports === null
      ? typeof main === "string"
        ? [main, `${main}.js`, `${main}/index.js`, "index.js"]
        : ["index.js"]
      : target === undefined
        ? []
        : [target];
  return candidates.map((candidate) => join(directory, candidate)).find(isFile);
}

function isSubpathMap(exports: unknown): boolean {
  return (
    typeof exports === "object" &&
    !Array.isArray(exports) &&
    Object.keys(exports as object).some((key) => key.startsWith("."))
  );
}

const conditions = new Set(["node", "import", "module-sync", "default"]);

function conditionalTarget(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  const inner = Array.isArray(target)
    ? target
    : typeof target === "object" && target !== null
      ? Object.entries(target)
          .filter(([condition]) => conditions.has(condition))
          .map(([, value]) => value)
      : [];
  for (const candidate of inner) {
    const found = conditionalTarget(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
