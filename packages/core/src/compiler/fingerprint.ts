import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { StepBundler, UnfollowableError } from "./bundle-step.js";
import { digest, digestTree, type Fact, type FactReader } from "./facts.js";
import type { FingerprintCache } from "./fingerprint-cache.js";
import { PackageReader } from "./package-closure.js";

const lockfiles = ["pnpm-lock.yaml", "package-lock.json", "yarn.lock", "bun.lock", "bun.lockb"];
const settingFiles = ["package.json", "tsconfig.json", ...lockfiles];
const scripts = /\.[cm]?[jt]sx?$/;

export interface CodeDigest {
  /** Absent if the code could not be followed; `failure` says why. */
  readonly digest: string | undefined;
  /** True if modules are loaded whose names are known only at run time. */
  readonly open: boolean;
  readonly failure?: string;
  /** The local files and directories that it reaches, absolute; absent if it could not be followed. */
  readonly files?: readonly string[];
  /** For the code of a package, whose versions stand for it: `name@version`. */
  readonly packages?: readonly string[];
  /** What it is made of, if it was taken just now. */
  readonly reached?: ReachedParts;
}

export interface ReachedParts {
  /** By file, then by name. */
  readonly declarations: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly packages: readonly string[];
}

/** Takes digests of the code behind top-level bindings, from the cache where nothing has changed. */
export class Fingerprinter {
  readonly #packages = new PackageReader();
  readonly #bundler = new StepBundler(this.#packages);

  constructor(readonly cache: FingerprintCache) {}

  /**
   * @param file its real path @param binding a top-level name or `default`; undefined: the whole module
   * @throws `STEP_SOURCE_INVALID`
   */
  async ofBinding(file: string, binding: string | undefined): Promise<CodeDigest> {
    const key = `${file}#${binding ?? ""}`;
    const known = this.cache.code(key);
    if (known) return known;
    const parts: string[] = [];
    const facts = new Map<string, Fact>();
    const reached = { declarations: {}, packages: [] as string[] };
    const files = new Set<string>();
    let open: boolean;
    try {
      open = await this.#collect(file, binding, parts, facts, new Set(), files, reached);
    } catch (error) {
      if (!(error instanceof UnfollowableError)) throw error;
      return { digest: undefined, open: false, failure: error.message };
    }
    const code = { digest: digest(parts.join("\n")), open, files: [...files] };
    this.cache.addCode(key, code, [...facts.values()]);
    return { ...code, reached };
  }

  /** The digest of a binding of an installed package: its versions stand for its code. */
  ofPackage(file: string, binding: string): CodeDigest {
    const owner = this.#packages.owner(file);
    const packages = owner ? this.#packages.closure(owner).packages : [];
    const inside = owner ? file.slice(owner.directory.length) : file;
    return {
      digest: digest(JSON.stringify([owner?.name, inside, binding, packages])),
      open: false,
      files: [],
      packages,
    };
  }

  async #collect(
    file: string,
    binding: string | undefined,
    parts: string[],
    facts: Map<string, Fact>,
    seen: Set<string>,
    files: Set<string>,
    all: { declarations: object; packages: string[] },
  ): Promise<boolean> {
    seen.add(file);
    const reached = await this.#bundler.bundle(file, binding);
    let { open } = reached;
    const { reader } = this.cache;
    const note = (fact: Fact) => facts.set(`${fact[0]}:${fact[1]}`, fact);
    parts.push(reached.code);
    for (const path of reached.files) {
      files.add(path);
      note(reader.fact("content", path));
      for (const fact of surroundings(path, reader)) note(fact);
    }
    const closures = reached.packages.map((owner) => this.#packages.closure(owner));
    const packages = [...new Set(closures.flatMap((closure) => closure.packages))].sort();
    parts.push(JSON.stringify(packages));
    Object.assign(all.declarations, reached.declarations);
    all.packages.push(...packages);
    for (const { manifests } of closures) for (const manifest of manifests) note(reader.fact("stamp", manifest));
    for (const path of [...new Set(reached.mentioned)].sort()) {
      // What is not there may be meant relative to something else.
      if (existsSync(path)) files.add(path);
      if (seen.has(path)) continue;
      const fact = reader.fact("tree", path);
      note(fact);
      if (scripts.test(extname(path)) && existsSync(path)) {
        open = (await this.#collect(path, undefined, parts, facts, seen, files, all)) || open;
      } else parts.push(fact[2]);
    }
    return open;
  }
}

/** What decides how an import in a file is resolved: names beside it, settings and installed packages above it. */
function surroundings(path: string, reader: FactReader): Fact[] {
  const facts: Fact[] = [reader.fact("names", dirname(path)), reader.fact("names", dirname(dirname(path)))];
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    for (const name of settingFiles) facts.push(reader.fact("content", join(directory, name)));
    for (const extended of extendedSettings(join(directory, "tsconfig.json"))) {
      facts.push(reader.fact("content", extended));
    }
    facts.push(reader.fact("stamp", join(directory, "node_modules")));
    if (lockfiles.some((name) => existsSync(join(directory, name))) || existsSync(join(directory, ".git")))
      return facts;
    if (directory === dirname(directory)) return facts;
  }
}

/** The files that a tsconfig.json extends, one after the other: they decide what an alias means. */
function extendedSettings(path: string, depth = 0): string[] {
  if (depth > 10 || !existsSync(path)) return [];
  const [, list = ""] = /"extends"\s*:\s*("[^"]*"|\[[^\]]*\])/.exec(readFileSync(path, "utf8")) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)].flatMap(([, name = ""]) => {
    const found = name.startsWith(".") ? resolve(dirname(path), name) : join(dirname(path), "node_modules", name);
    const file = existsSync(found) && statSync(found).isFile() ? found : `${found}.json`;
    return [file, ...extendedSettings(file, depth + 1)];
  });
}

/** The content of the files and directories that a step says it reads, relative to its module. */
export function digestFiles(names: readonly string[], directory: string): readonly (readonly [string, string])[] {
  return [...names].sort().map((name) => [name, digestTree(resolve(directory, name))] as const);
}
