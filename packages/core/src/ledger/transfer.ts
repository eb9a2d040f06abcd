import { isDeepStrictEqual } from "node:util";
import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import { artifactId } from "./artifact-versions.js";
import { Keys } from "./keys.js";
import { nameOf } from "./names.js";
import type { ArtifactVersionRecord, ElementRecord } from "./records.js";
import { type Relocation, relocated, relocatedText } from "./relocation.js";
import { parse } from "./text.js";

/** One of the two ends. */
export interface TransferEnd {
  readonly store: MetadataStore;
  /** The ledger's id. */
  readonly id: string;
}

/** Bytes that records name. */
export interface NamedPlace {
  readonly location: string;
  readonly digest: string;
  readonly size: number;
  /** What names them: an artifact's id, or the step of a run. */
  readonly of: string;
  /** False for what the cache may do without: it may be gone. */
  readonly needed: boolean;
}

export interface TransferSurvey {
  readonly records: number;
  /** Those that the target does not have. */
  readonly missing: number;
  readonly runs: number;
  readonly artifacts: number;
  readonly models: number;
  /** By location in the source. */
  readonly places: ReadonlyMap<string, NamedPlace>;
  /** What the target holds under the same name, and is something else: `the artifact rows@1`. */
  readonly conflicts: readonly string[];
}

/** Signs of life and what collectors leave for each other mean nothing elsewhere. */
const leftBehind = new Set(["beat", "pulse", "claim", "collector", "doomed-place"]);

/** Where two ledgers must not say different things; the other kinds are indexes, or the cache, where either may stand. */
const telling: Readonly<Record<string, (parts: readonly string[], value: string) => string>> = {
  version: (_, value) => `the artifact ${artifactId(JSON.parse(value) as ArtifactVersionRecord)}`,
  named: ([name, version]) => `the artifact ${name}@${version}`,
  run: ([id]) => `the run ${id}`,
  "model-version": (_, value) => `the model ${artifactId(JSON.parse(value) as ArtifactVersionRecord)}`,
  "model-named": ([name, version]) => `the model ${name}@${version}`,
  "model-stage": ([name]) => `the stages of the model ${name}`,
};

/** What comes later is what leads to the rest: a run is on record when all of it is. The kinds not named come first. */
const order = [
  "version",
  "named",
  "name",
  "content",
  "model",
  "cache",
  // By now it is known which places there are.
  "held",
  "session",
  "run-of",
  "run-tag",
  "run-status",
  "run",
];

const atOnce = 200;
const bytesAtOnce = 2 * 1024 * 1024;

/** Takes a project's records from one ledger to another, as they are but for where bytes lie. */
export class LedgerTransfer {
  readonly #source: TransferEnd;
  readonly #target: TransferEnd;
  readonly #relocation: Relocation;
  readonly #keys: Keys;
  /** The keys of holders, which hold a digest of a location, from here to there. */
  readonly #holders = new Map<string, string>();

  constructor(source: TransferEnd, target: TransferEnd, project: string, relocation: Relocation) {
    this.#source = source;
    this.#target = target;
    this.#keys = new Keys(project);
    this.#relocation = relocation;
  }

  /** Reads everything and writes nothing. */
  async survey(): Promise<TransferSurvey> {
    const count = { records: 0, missing: 0, run: 0, version: 0, model: 0 };
    const places = new Map<string, NamedPlace>();
    const conflicts = new Set<string>();
    for (const kind of await this.#kinds()) {
      for await (const batch of this.#batches(kind)) {
        for (const { key, value } of batch.read) this.#note(kind, key, value, places);
        count.records += batch.records.length;
        if (kind === "run" || kind === "version" || kind === "model") count[kind] += batch.records.length;
        const { missing, different } = await this.#compare(kind, batch.records);
        count.missing += missing.length;
        for (const one of different) conflicts.add(one);
      }
    }
    const { records, missing, run: runs, version: artifacts, model: models } = count;
    return { records, missing, runs, artifacts, models, places, conflicts: [...conflicts] };
  }

  /**
   * Writes what the target does not have. What was there before, be it from a transfer that broke off, stays.
   *
   * @throws `STACK_OCCUPIED` if somebody has written something else there in the meantime
   */
  async copy(onRecords: (count: number) => void = () => {}): Promise<void> {
    for (const kind of await this.#kinds()) {
      for await (const { records } of this.#batches(kind)) {
        await this.#write(kind, records);
        onRecords(records.length);
      }
    }
  }

  async #write(kind: string, records: readonly MetadataRecord[]): Promise<void> {
    for (;;) {
      const { missing, different } = await this.#compare(kind, records);
      if (different.length > 0) throw occupied(different);
      if (missing.length === 0 || (await this.#target.store.insert(missing)).inserted) return;
    }
  }

  async #compare(kind: string, records: readonly MetadataRecord[]) {
    const found = await this.#target.store.getMany(records.map(({ key }) => key));
    const missing: MetadataRecord[] = [];
    const different: string[] = [];
    for (const [place, record] of records.entries()) {
      const there = found[place];
      if (there === undefined) missing.push(record);
      else if (there !== record.value && telling[kind] && !saysTheSame(record.key, record.value, there)) {
        different.push(telling[kind](this.#parts(record.key).slice(1), there));
      }
    }
    return { missing, different };
  }

  /** The kinds of records that there are: the first part of their keys. */
  async #kinds(): Promise<string[]> {
    const kinds: string[] = [];
    let after: string | undefined;
    for (;;) {
      const root = this.#keys.all();
      const [next] = await this.#source.store.scan(root, { limit: 1, ...(after === undefined ? {} : { after }) });
      if (next === undefined) break;
      const kind = next.key.slice(root.length, next.key.indexOf("/", root.length));
      if (!leftBehind.has(kind)) kinds.push(kind);
      after = `${root}${kind}0`; // `0` is the character after `/`: on to the next kind
    }
    return kinds.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  }

  /** What is read, and what is to be written for it. */
  async *#batches(kind: string): AsyncIterable<{ read: readonly MetadataRecord[]; records: MetadataRecord[] }> {
    const prefix = `${this.#keys.all()}${kind}/`;
    let after: string | undefined;
    for (;;) {
      const page = await this.#source.store.scan(prefix, { limit: 1000, ...(after === undefined ? {} : { after }) });
      for (let start = 0; start < page.length; ) {
        let end = start;
        for (let size = 0; end < page.length && end - start < atOnce && size < bytesAtOnce; end++) {
          size += page[end]?.value.length ?? 0;
        }
        const read = page.slice(start, end);
        yield { read, records: read.flatMap((record) => this.#relocated(kind, record)) };
        start = end;
      }
      if (page.length < 1000) return;
      after = page.at(-1)?.key;
    }
  }

  #relocated(kind: string, { key, value }: MetadataRecord): MetadataRecord[] {
    if (kind === "held") {
      const cut = key.lastIndexOf("/") + 1;
      const there = this.#holders.get(key.slice(0, cut));
      return there === undefined ? [] : [{ key: there + key.slice(cut), value }];
    }
    return [{ key, value: value.includes(this.#source.id) ? relocatedText(key, value, this.#relocation) : value }];
  }

  #note(kind: string, key: string, value: string, places: Map<string, NamedPlace>): void {
    if (kind === "version") {
      const artifact = parse<ArtifactVersionRecord>(key, value);
      if (artifact.removed !== undefined) return;
      for (const one of artifact.elements ?? [artifact]) this.#named(one, artifactId(artifact), true, places);
    } else if (kind === "step" || kind === "cache") {
      const { runId, stepId, elements } = parse<{
        readonly runId: string;
        readonly stepId: string;
        readonly elements?: Readonly<Record<string, ElementRecord>>;
      }>(key, value);
      const of = `the step ${stepId} of the run ${runId}`;
      for (const one of Object.values(elements ?? {})) this.#named(one, of, false, places);
    }
  }

  #named(
    { location, digest, size }: Pick<ElementRecord, "location" | "digest" | "size">,
    of: string,
    needed: boolean,
    places: Map<string, NamedPlace>,
  ): void {
    if (places.get(location)?.needed) return;
    places.set(location, { location, digest, size, of, needed });
    const there = relocated(location, this.#relocation);
    this.#holders.set(this.#keys.holdersOfPlace(location), this.#keys.holdersOfPlace(there));
  }

  #parts(key: string): string[] {
    return key.slice(this.#keys.all().length).split("/").map(nameOf);
  }
}

/** What was removed on one side only is the same; and an address may be spelt in two ways. */
function saysTheSame(key: string, one: string, other: string): boolean {
  const bare = (value: string) => {
    if (value === "") return value;
    const content = parse<unknown>(key, value);
    if (typeof content !== "object" || content === null) return content;
    const { removed: _, uri: __, ...rest } = content as Record<string, unknown>;
    return rest;
  };
  return isDeepStrictEqual(bare(one), bare(other));
}

/** The most that a message names; the details have all. */
const shown = 10;

export function occupied(conflicts: readonly string[], stack?: string): TenonError {
  const more = conflicts.length > shown ? ` and ${conflicts.length - shown} more` : "";
  return new TenonError("STACK_OCCUPIED", {
    doing: stack === undefined ? "writing records to another stack" : `moving to the stack '${stack}'`,
    found: `it holds something else under the same names: ${conflicts.slice(0, shown).join(", ")}${more}`,
    fix: "Nothing there is overwritten: move to a stack whose stores are empty, or give the project another name there.",
    details: { conflicts },
  });
}
