import type { CachePolicy } from "../contracts/plan.js";
import { artifactId } from "../ledger/artifact-versions.js";
import type { CacheEntry } from "../ledger/cache-index.js";
import type { ElementRecord } from "../ledger/records.js";
import type { CacheKey } from "./cache-key.js";
import type { RunContext } from "./run-context.js";
import type { Artifacts } from "./work.js";

export interface Hit {
  readonly fromRun: string;
  readonly artifacts: Artifacts;
  readonly elements?: Readonly<Record<string, ElementRecord>>;
  readonly said: Pick<CacheEntry, "metadata" | "runMetadata" | "modelMetadata">;
}

export interface Question {
  readonly cache: CacheKey | undefined;
  readonly policy: CachePolicy;
}

/** Finds steps' outputs from earlier runs. An entry whose artifacts are gone is no hit. */
export class CacheLookup {
  readonly #run: RunContext;
  /** What the last run of this plan went by, checked beforehand, so that a fully cached run asks nothing step by step. */
  readonly #expected = new Map<string, { readonly entry: CacheEntry; readonly hit: Hit }>();

  /** Fingerprints of code of which nothing can be found. */
  #fresh: ReadonlySet<string> = new Set();
  #isAllFresh = false;

  constructor(run: RunContext) {
    this.#run = run;
  }

  /** To be awaited before steps are run. */
  async open(): Promise<void> {
    const cacheable = this.#run.plan.steps.filter(({ settings }) => settings.cache.enabled && settings.deterministic);
    const fingerprints = new Set(cacheable.flatMap(({ fingerprint }) => fingerprint ?? []));
    this.#fresh = await this.#run.ledger.openCache([...fingerprints]);
    this.#isAllFresh = this.#fresh.size === fingerprints.size;
  }

  async prefetch(): Promise<void> {
    if (this.#isAllFresh) return;
    const { ledger, planDigest, plan } = this.#run;
    const { entries, artifacts } = await ledger.expectedHits(planDigest, plan.pipeline);
    const found = [...entries].flatMap(([key, entry]) => {
      const hit = hitOf(entry, (id) => artifacts.get(id));
      return hit ? [{ key, entry, hit }] : [];
    });
    const usable = await this.#usable(found.map(({ hit }) => hit));
    for (const one of found) if (usable(one.hit)) this.#expected.set(one.key, one);
  }

  /** An answer that needs no look-up; `undefined` says nothing. */
  expected({ cache, policy }: Question): Hit | undefined {
    const known = cache && this.#expected.get(cache.key);
    return known && isFresh(known.entry, policy) ? known.hit : undefined;
  }

  /** One answer a question, in two look-ups for all of them. */
  async find(questions: readonly Question[]): Promise<(Hit | undefined)[]> {
    const { ledger } = this.#run;
    const asked = questions.filter(({ cache }) => cache !== undefined && this.#canBeThere(cache));
    if (asked.length === 0) return questions.map(() => undefined);
    const keys = asked.map(({ cache }) => (cache as CacheKey).key);
    const entries = new Map<string, CacheEntry>();
    (await ledger.cached(keys)).forEach((entry, place) => {
      if (entry && isFresh(entry, asked[place]?.policy)) entries.set(keys[place] as string, entry);
    });
    if (entries.size === 0) return questions.map(() => undefined);
    const ids = [...new Set([...entries.values()].flatMap(({ outputs }) => Object.values(outputs)))];
    const records = new Map((await ledger.artifacts(ids)).map((record, place) => [ids[place] as string, record]));
    const hits = new Map<string, Hit>();
    for (const [key, entry] of entries) {
      const hit = hitOf(entry, (id) => records.get(id));
      if (hit) hits.set(key, hit);
    }
    const usable = await this.#usable([...hits.values()]);
    return questions.map(({ cache }) => {
      const hit = cache && hits.get(cache.key);
      return hit && usable(hit) ? hit : undefined;
    });
  }

  #canBeThere({ key, parts }: CacheKey): boolean {
    return !this.#fresh.has(parts.code as string) || this.#run.ledger.hasUsed(this.#run.id, key);
  }

  /** First the run says that it uses them, then it looks whether they are there: then they stay. */
  async #usable(hits: readonly Hit[]): Promise<(hit: Hit) => boolean> {
    const { id, ledger, vault } = this.#run;
    const doomed = await ledger.holds.take(
      id,
      hits.flatMap(({ artifacts }) => Object.values(artifacts)),
      hits.flatMap(({ elements }) => Object.values(elements ?? {}).map(({ location }) => location)),
    );
    const stored = hits.flatMap(storedOf);
    const there = await vault.existsMany(stored);
    const gone = new Set(stored.filter((_, place) => !there[place]).map(({ location }) => location));
    return (hit) =>
      storedOf(hit).every(({ location }) => !gone.has(location)) &&
      Object.values(hit.artifacts).every((one) => !doomed.artifacts.has(artifactId(one))) &&
      Object.values(hit.elements ?? {}).every(({ location }) => !doomed.places.has(location));
  }
}

function hitOf(entry: CacheEntry, artifact: (id: string) => Artifacts[string] | undefined): Hit | undefined {
  const artifacts: Record<string, Artifacts[string]> = {};
  for (const [output, id] of Object.entries(entry.outputs)) {
    const record = artifact(id);
    if (!record || record.removed !== undefined) return undefined;
    artifacts[output] = record;
  }
  return { fromRun: entry.runId, artifacts, said: entry, ...(entry.elements && { elements: entry.elements }) };
}

function isFresh(entry: CacheEntry, policy: CachePolicy | undefined): boolean {
  return policy?.timeToLive === undefined || Date.now() - Date.parse(entry.created) <= policy.timeToLive;
}

/** Everything that must be there: for a collection its elements, which lie where they were made. */
function storedOf({ artifacts, elements }: Hit): ElementRecord[] {
  return [...Object.values(artifacts).flatMap((one) => one.elements ?? [one]), ...Object.values(elements ?? {})];
}
