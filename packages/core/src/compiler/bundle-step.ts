import { readFileSync, realpathSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, extname, resolve, sep } from "node:path";
import type { Plugin } from "rolldown";
import { TenonError } from "../errors.js";
import { declarations } from "./code-parts.js";
import { digest } from "./facts.js";
import { effectPrefix, markPure } from "./mark-pure.js";
import type { InstalledPackage, PackageReader } from "./package-closure.js";

/** The code that a step can reach. */
export interface ReachableCode {
  /** Printed anew: without comments, types and formatting, and without what tree shaking took off. */
  readonly code: string;
  /** All local files that were read on the way, absolute. */
  readonly files: readonly string[];
  /** The packages whose code stays in. */
  readonly packages: readonly InstalledPackage[];
  /** By file, then by name: digests of the declarations that stay in. */
  readonly declarations: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Files that the code names by `new URL("./…", import.meta.url)` and the like. */
  readonly mentioned: readonly string[];
  /** True if it loads modules whose names are known only when it runs. */
  readonly open: boolean;
}

const entry = "\0tenon-entry";
const exported = "__tenon_step";
const scripts = new Set([".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".jsx"]);

/** The bundler cannot cope with what Node can: no fingerprint, and no reason to refuse the pipeline. */
export class UnfollowableError extends Error {}

/** Bundles the code behind top-level bindings. Loads the bundler; remembers modules that it has prepared. */
export class StepBundler {
  readonly #prepared = new Map<string, string>();

  constructor(readonly packages: PackageReader) {}

  /**
   * @param binding undefined: the whole module
   * @throws `STEP_SOURCE_INVALID` for code that does not parse, `UnfollowableError` for what else the bundler refuses
   */
  async bundle(file: string, binding: string | undefined): Promise<ReachableCode> {
    const { rolldown } = await import("rolldown");
    const { parseSync } = await import("rolldown/utils");
    const files = new Set<string>();
    const external = new Map<string, InstalledPackage | undefined>();
    const prepare = (path: string): string => {
      const known = this.#prepared.get(path);
      if (known !== undefined) return known;
      const prepared = markPure(readFileSync(path, "utf8"), path, parseSync);
      this.#prepared.set(path, prepared);
      return prepared;
    };
    const plugin: Plugin = {
      name: "tenon-step",
      resolveId: async function (source, importer) {
        if (source === entry) return entry;
        if (isBuiltin(source)) {
          const id = source.startsWith("node:") ? source : `node:${source}`;
          return { id, external: true, moduleSideEffects: false };
        }
        const isEffect = source.startsWith(effectPrefix);
        const specifier = isEffect ? source.slice(effectPrefix.length) : source;
        const found = await this.resolve(specifier, importer, { skipSelf: true });
        if (found && (/^[./]/.test(specifier) || importer === entry)) return found;
        const owner = found && !found.external ? installed(found.id, pluginPackages) : undefined;
        if (found && !found.external && !owner) return found;
        external.set(source, owner);
        return { id: source, external: true, moduleSideEffects: isEffect };
      },
      load(id) {
        if (id === entry) return entryText(file, binding);
        if (id.startsWith("\0")) return null;
        const path = id.replace(/[?#].*$/, "");
        files.add(path);
        if (extname(path) === ".json") return null;
        // Anything else that is imported (a query, a WebAssembly module) stands there with its content.
        if (!scripts.has(extname(path))) return `export default ${JSON.stringify(digest(readFileSync(path)))};`;
        const text = prepare(path);
        const isTarget = path === file && binding !== undefined && binding !== "default";
        const code = isTarget ? `${text}\nexport { ${binding} as ${exported} };` : text;
        return { code, moduleSideEffects: true };
      },
    };
    const pluginPackages = this.packages;
    try {
      const build = await rolldown({
        input: { step: entry },
        cwd: dirname(file),
        platform: "node",
        plugins: [plugin],
        logLevel: "silent",
        experimental: { attachDebugInfo: "none" },
        treeshake: { moduleSideEffects: true, unknownGlobalSideEffects: false },
      });
      const { output } = await build.generate({ format: "esm", comments: false, codeSplitting: false });
      await build.close();
      const chunks = output.filter((part) => part.type === "chunk");
      const code = chunks.map((chunk) => chunk.code).join("\n");
      const kept = chunks.flatMap((chunk) =>
        Object.entries(chunk.modules).map(([id, { code }]) => [id, code ?? ""] as const),
      );
      // A chunk's list of imports also names those that nothing uses any more.
      const isKept = (id: string) => ['"', "'", "`"].some((quote) => code.includes(quote + id + quote));
      return {
        code,
        files: [...files],
        packages: [
          ...[...external].flatMap(([id, owner]) => (owner && isKept(id) ? [owner] : [])),
          ...kept.flatMap(([id, text]) => resolvedPackages(id, text, pluginPackages)),
        ],
        declarations: Object.fromEntries(
          kept.filter(([id]) => !id.startsWith("\0")).map(([id, text]) => [id, declarations(text, parseSync)]),
        ),
        mentioned: kept.flatMap(([id, text]) => mentionedFiles(id, text)),
        open: /\bimport\(\s*(?!["'])/.test(code) || /\bcreateRequire\(/.test(code),
      };
    } catch (cause) {
      const message = cause instanceof Error ? cause.message.trim().replace(/\.$/, "") : String(cause);
      const { errors = [] } = cause as { errors?: readonly { code?: string }[] };
      if (!errors.some(({ code }) => code === "PARSE_ERROR")) throw new UnfollowableError(message, { cause });
      throw new TenonError("STEP_SOURCE_INVALID", {
        doing: `following the code that ${binding ? `'${binding}' of ` : ""}${file} can reach`,
        found: message,
        fix: "Mend the source.",
        cause,
      });
    }
  }
}

function entryText(file: string, binding: string | undefined): string {
  const from = JSON.stringify(file);
  if (binding === undefined) return `import * as module from ${from}; export { module };`;
  return `export { ${binding === "default" ? "default" : exported} as step } from ${from};`;
}

/** The installed package that a module belongs to; undefined for the project's own code and linked packages. */
function installed(path: string, packages: PackageReader): InstalledPackage | undefined {
  const real = realpathSync(path.replace(/[?#].*$/, ""));
  const owner = packages.owner(real);
  return real.includes(`${sep}node_modules${sep}`) || owner?.name === "@tenon/core" ? owner : undefined;
}

/** Packages that the code looks up by name, to read their files: `import.meta.resolve("vega-datasets")`. */
function resolvedPackages(module: string, text: string, packages: PackageReader): InstalledPackage[] {
  const found = text.matchAll(/\b(?:import\.meta|require)\.resolve\(\s*["'`]((?:@[^/"'`]+\/)?[^/"'`.][^/"'`]*)/g);
  return [...found].flatMap(([, name]) => packages.find(name as string, dirname(module)) ?? []);
}

function mentionedFiles(module: string, text: string): string[] {
  const found = [
    ...text.matchAll(/(?:new URL|import\.meta\.resolve)\(\s*["'`](\.{1,2}\/[^"'`$]+)["'`]/g),
    // Without a scheme, and not from the root: as a URL it is the same as with `./`.
    ...text.matchAll(
      /new URL\(\s*["'`]((?![a-z][a-z\d+.-]*:|\.{1,2}[/"'`]|[/\\?#])[^"'`$]+)["'`],\s*import\.meta\.url\b/gi,
    ),
  ];
  return found.map(([, path]) => resolve(dirname(module), decodeURI(path as string)));
}
