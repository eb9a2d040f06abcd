import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { TopLevelBinding } from "../pipeline/top-level.js";
import { type Fact, FactReader } from "./facts.js";

/** Raise it whenever the way of taking fingerprints changes. */
const algorithm = 3;

/** A digest of reachable code, and what it rests on, as numbers of facts. */
interface Entry {
  readonly digest: string;
  readonly open: boolean;
  readonly facts: readonly number[];
  /** Those of the facts that are local files or directories with code or data of the step. */
  readonly files: readonly number[];
}

/** What is known of the code behind a binding. */
export interface KnownCode {
  readonly digest: string;
  readonly open: boolean;
  /** The local files and directories that it reaches, absolute. */
  readonly files: readonly string[];
}

interface Stored {
  readonly made: string;
  readonly facts: readonly Fact[];
  readonly code: Readonly<Record<string, Entry>>;
  readonly modules: Readonly<Record<string, { readonly fact: number; readonly bindings: readonly TopLevelBinding[] }>>;
}

/** What was learnt about code on this machine, so that an unchanged project needs no bundler. Losing it loses time only. */
export class FingerprintCache {
  readonly reader = new FactReader();
  readonly #path: string;
  readonly #stored: Stored;
  readonly #code = new Map<string, KnownCode & { readonly facts: readonly Fact[] }>();
  readonly #modules = new Map<string, { readonly fact: Fact; readonly bindings: readonly TopLevelBinding[] }>();
  readonly #held: boolean[] = [];
  #changed = false;

  constructor(stateDirectory: string) {
    this.#path = join(stateDirectory, "cache", "fingerprints.json");
    this.#stored = load(this.#path);
  }

  code(key: string): KnownCode | undefined {
    const added = this.#code.get(key);
    if (added) return added;
    const entry = this.#entry(key);
    return entry && { ...entry, files: entry.files.map((number) => (this.#stored.facts[number] as Fact)[1]) };
  }

  addCode(key: string, code: KnownCode, facts: readonly Fact[]): void {
    this.#code.set(key, { ...code, facts });
    this.#changed = true;
  }

  #entry(key: string): Entry | undefined {
    const entry = Object.hasOwn(this.#stored.code, key) ? this.#stored.code[key] : undefined;
    return entry?.facts.every((number) => this.#holds(number)) ? entry : undefined;
  }

  bindings(file: string): readonly TopLevelBinding[] | undefined {
    const added = this.#modules.get(file);
    if (added) return added.bindings;
    const entry = Object.hasOwn(this.#stored.modules, file) ? this.#stored.modules[file] : undefined;
    return entry && this.#holds(entry.fact) ? entry.bindings : undefined;
  }

  addBindings(file: string, bindings: readonly TopLevelBinding[]): void {
    this.#modules.set(file, { fact: this.reader.fact("content", file), bindings });
    this.#changed = true;
  }

  #holds(number: number): boolean {
    const known = this.#held[number];
    if (known !== undefined) return known;
    const fact = this.#stored.facts[number];
    const holds = fact !== undefined && this.reader.holds(fact);
    this.#held[number] = holds;
    return holds;
  }

  /** Writes what was added, together with what still holds. A failure to write is no failure of the compilation. */
  save(): void {
    if (!this.#changed) return;
    const facts: Fact[] = [];
    const numbers = new Map<string, number>();
    const numberOf = (fact: Fact): number => {
      const key = fact.join("\n");
      const number = numbers.get(key) ?? facts.push(fact) - 1;
      numbers.set(key, number);
      return number;
    };
    const old = (number: number) => this.#stored.facts[number] as Fact;
    const code: Record<string, Entry> = {};
    for (const [key, entry] of Object.entries(this.#stored.code)) {
      if (this.#code.has(key) || !this.#entry(key)) continue;
      const renumbered = (numbers: readonly number[]) => numbers.map((number) => numberOf(old(number)));
      code[key] = { ...entry, facts: renumbered(entry.facts), files: renumbered(entry.files) };
    }
    for (const [key, { digest, open, facts: rests, files }] of this.#code) {
      const reached = new Set(files);
      const own = rests.filter(([kind, path]) => (kind === "content" || kind === "tree") && reached.has(path));
      code[key] = { digest, open, facts: rests.map(numberOf), files: own.map(numberOf) };
    }
    const modules: Record<string, Stored["modules"][string]> = {};
    for (const [file, { fact, bindings }] of Object.entries(this.#stored.modules)) {
      if (this.#holds(fact)) modules[file] = { fact: numberOf(old(fact)), bindings };
    }
    for (const [file, { fact, bindings }] of this.#modules) modules[file] = { fact: numberOf(fact), bindings };
    write(this.#path, { made: madeBy(), facts, code, modules });
  }
}

let made: string | undefined;

/** The algorithm and the bundler: together they decide what a digest says. */
export function madeBy(): string {
  made ??= `${algorithm} rolldown ${bundlerVersion()}`;
  return made;
}

function bundlerVersion(): string {
  const manifest = createRequire(import.meta.url).resolve("rolldown/package.json");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

function load(path: string): Stored {
  const nothing: Stored = { made: madeBy(), facts: [], code: {}, modules: {} };
  try {
    const stored = JSON.parse(readFileSync(path, "utf8")) as Stored;
    const whole = Array.isArray(stored.facts) && typeof stored.code === "object" && typeof stored.modules === "object";
    return whole && stored.made === madeBy() ? stored : nothing;
  } catch {
    return nothing;
  }
}

function write(path: string, stored: Stored): void {
  const temporary = `${path}.${process.pid}.${performance.now()}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(temporary, JSON.stringify(stored));
    renameSync(temporary, path);
  } catch {
    rmSync(temporary, { force: true });
  }
}
