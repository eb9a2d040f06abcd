import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import { insertOnce, parse, readMany, record, scanAll } from "./text.js";

/** What a fingerprint is made of, named, so that a later one can be compared with it in words. */
export interface FingerprintRecord {
  /** The way in which fingerprints were taken. */
  readonly made: string;
  /** `normalise in src/clean.ts` → digest of its code. */
  readonly code: Readonly<Record<string, string>>;
  /** `name@version` of the packages that the code reaches. */
  readonly packages: readonly string[];
  /** Files that the step says it reads → digest of their content. */
  readonly files: Readonly<Record<string, string>>;
  /** Variables that the step says it reads → digest of the value; null if it was not set. */
  readonly environment: Readonly<Record<string, string | null>>;
}

/** Where the code of the steps that a session of a run began with can be found again. */
export interface SessionSources {
  readonly runId: string;
  readonly session: number;
  readonly sources: readonly RunSource[];
}

export interface RunSource {
  /** `src/train.ts#fit@<commit>`, `@acme/steps/split.js#random@0.3.1`; without `@…` if it is not pinned. */
  readonly reference: string;
  /** Ids of the steps that come from there. */
  readonly steps: readonly string[];
  readonly pinned: boolean;
  /** The commit that was checked out, if there was one. */
  readonly commit?: string;
  /** Where the project lay in the repository: empty for its top. */
  readonly directory?: string;
  /** The files that keep it from being pinned, relative to the project. */
  readonly uncommitted?: readonly string[];
  /** What else keeps it from being pinned, as a clause. */
  readonly because?: string;
}

/** The code that a session of a run has packed for other machines. */
export interface SessionBundle {
  readonly runId: string;
  readonly session: number;
  /** `sha256:…`, of the bundle's bytes. */
  readonly digest: string;
}

/** What is recorded of code. Fingerprints stand for themselves: each is kept once. */
export class CodeRecords {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** One read if all are there. Asks only those for their parts that are not. */
  async keep(fingerprints: ReadonlyMap<string, () => FingerprintRecord | undefined>): Promise<void> {
    const names = [...fingerprints.keys()];
    if (names.length === 0) return;
    const there = await this.#store.getMany(names.map((name) => this.#keys.fingerprint(name)));
    const missing = names.flatMap((name, index) => {
      const parts = there[index] === undefined ? fingerprints.get(name)?.() : undefined;
      return parts ? [record(this.#keys.fingerprint(name), parts)] : [];
    });
    // Whoever else records one of them records the same.
    if (missing.length > 0) await this.#store.put(missing);
  }

  /** In the order of the fingerprints; `undefined` for what nobody has recorded. */
  async fingerprints(fingerprints: readonly string[]): Promise<(FingerprintRecord | undefined)[]> {
    return await readMany<FingerprintRecord>(
      this.#store,
      fingerprints.map((one) => this.#keys.fingerprint(one)),
    );
  }

  async saveSources(sources: SessionSources): Promise<void> {
    const { runId, session } = sources;
    await insertOnce(this.#store, [record(this.#keys.sessionSources(runId, session), sources)]);
  }

  /** Several of one session are several tries to begin it. */
  async saveBundle(bundle: SessionBundle): Promise<void> {
    const { runId, session, digest } = bundle;
    await insertOnce(this.#store, [record(this.#keys.sessionBundle(runId, session, digest), bundle)]);
  }

  /** Of a run, in the order of its sessions, or of all runs. */
  async bundles(runId?: string): Promise<SessionBundle[]> {
    const prefix = runId === undefined ? this.#keys.bundles() : this.#keys.runBundles(runId);
    return (await scanAll(this.#store, prefix)).map(({ key, value }) => parse<SessionBundle>(key, value));
  }

  /** Of a run that was resumed, a step's source is that of the session that last began with it. */
  async sources(runId: string): Promise<RunSource[]> {
    const sessions = (await scanAll(this.#store, this.#keys.runSources(runId))).map(({ key, value }) =>
      parse<SessionSources>(key, value),
    );
    const known = new Set<string>();
    const found: RunSource[] = [];
    for (const { sources } of sessions.reverse()) {
      const own = sources.map((source) => ({ ...source, steps: source.steps.filter((id) => !known.has(id)) }));
      found.push(...own.filter(({ steps }) => steps.length > 0));
      for (const { steps } of own) for (const id of steps) known.add(id);
    }
    return found;
  }
}
