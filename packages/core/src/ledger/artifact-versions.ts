import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import type { Keys } from "./keys.js";
import { nameOf } from "./names.js";
import type { ArtifactVersionRecord } from "./records.js";
import { parse, parseIfThere, read, readMany, record } from "./text.js";

/** An artifact before it has its number. Without `version` it is known by the number; `created` is now by default. */
export type NewArtifactVersion = Omit<ArtifactVersionRecord, "version" | "number" | "created"> & {
  readonly version?: string;
  readonly created?: string;
};

/** `name@version`. */
export function artifactId({ name, version }: { readonly name: string; readonly version: string }): string {
  return `${name}@${version}`;
}

/** @throws ARTIFACT_UNKNOWN if the id is not `name@version`. */
export function parseArtifactId(id: string): { name: string; version: string } {
  const at = id.lastIndexOf("@");
  if (at > 0 && at < id.length - 1) return { name: id.slice(0, at), version: id.slice(at + 1) };
  throw new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for the artifact '${id}'`,
    found: "it is not of the form name@version",
    fix: "Write for example rows@3.",
  });
}

/** How many numbers of one name are looked at in one read. */
const probesAtOnce = 16;

const numeric = /^[1-9]\d{0,9}$/;

/** Versions of artifacts: 1, 2, 3 … for each name, without gaps and without doubles. */
export class ArtifactVersions {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  /** The highest number known for each name; there may be higher ones. */
  readonly #highest = new Map<string, number>();
  /** Names of which versions may be made. */
  #expected = new Set<string>();
  #looking: Promise<void> = Promise.resolve();

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** Gives new artifacts the next numbers of their names, as far as this process knows. */
  async number(artifacts: readonly NewArtifactVersion[]): Promise<ArtifactVersionRecord[]> {
    await this.#know(artifacts.map(({ name }) => name));
    const next = new Map<string, number>();
    const created = new Date().toISOString();
    return artifacts.map((artifact) => {
      const number = (next.get(artifact.name) ?? this.#highest.get(artifact.name) ?? 0) + 1;
      next.set(artifact.name, number);
      const { name, version, ...rest } = artifact;
      return { name, version: checkedVersion(artifact) ?? String(number), number, created, ...rest };
    });
  }

  /** What has to be inserted for numbered artifacts to exist. */
  records(artifacts: readonly ArtifactVersionRecord[]): MetadataRecord[] {
    return artifacts.flatMap((artifact) => {
      const { name, version, number } = artifact;
      const records = [record(this.#keys.version(name, number), artifact)];
      if (number === 1) records.push({ key: this.#keys.artifactName(name), value: "" });
      if (version !== String(number)) records.push(record(this.#keys.namedVersion(name, version), number));
      return records;
    });
  }

  inserted(artifacts: readonly ArtifactVersionRecord[]): void {
    for (const { name, number } of artifacts) this.#seen(name, number);
  }

  /**
   * To be called when an insert found keys in the way. True if numbers were taken, and are known better now.
   *
   * @throws KEY_INVALID if a version's own name is taken.
   */
  async renumber(artifacts: readonly ArtifactVersionRecord[], existing: readonly string[]): Promise<boolean> {
    const taken = new Set(existing);
    const names = new Set<string>();
    for (const { name, version, number } of artifacts) {
      if (taken.has(this.#keys.version(name, number)) || taken.has(this.#keys.artifactName(name))) names.add(name);
      if (version !== String(number) && taken.has(this.#keys.namedVersion(name, version)))
        throw nameTaken(name, version);
    }
    await Promise.all([...names].map((name) => this.#look(name)));
    return names.size > 0;
  }

  /**
   * Of which names there are likely to be new versions: how far their numbers have come is found out for all at once, as
   * soon as it has to be known of one.
   */
  expect(names: readonly string[]): void {
    for (const name of names) if (!this.#highest.has(name)) this.#expected.add(name);
  }

  async #know(names: readonly string[]): Promise<void> {
    const isUnknown = (name: string) => !this.#highest.has(name);
    if (!names.some(isUnknown)) return;
    if (names.some((name) => this.#expected.has(name))) {
      const expected = [...this.#expected];
      this.#expected = new Set();
      this.#looking = this.#looking.catch(() => {}).then(() => this.#lookAtAll(expected));
    }
    await this.#looking;
    await Promise.all([...new Set(names.filter(isUnknown))].map((name) => this.#look(name)));
  }

  async #lookAtAll(names: readonly string[]): Promise<void> {
    const first = await this.#store.getMany(names.map((name) => this.#keys.version(name, 1)));
    const known = names.filter((name, place) => {
      if (first[place] === undefined) this.#seen(name, 0);
      return first[place] !== undefined;
    });
    const newest = await this.#newestNumbers(known);
    for (const [place, name] of known.entries()) this.#seen(name, newest[place] as number);
  }

  #newestNumbers(names: readonly string[]): Promise<number[]> {
    return newestNumbers(names.length, async (probes) => {
      const keys = probes.map(({ place, number }) => this.#keys.version(names[place] as string, number));
      return (await this.#store.getMany(keys)).map((value) => value !== undefined);
    });
  }

  /** An artifact from outside any step. Equal content under an equal name is the version that is there. */
  async add(artifact: NewArtifactVersion, { again = false } = {}): Promise<ArtifactVersionRecord> {
    const content = this.#keys.content(artifact.name, artifact.digest);
    for (;;) {
      const known = again ? undefined : await read<number>(this.#store, content);
      const found = known && (await read<ArtifactVersionRecord>(this.#store, this.#keys.version(artifact.name, known)));
      if (found && found.removed === undefined) return found;
      const replaces = again || known !== undefined;
      const numbered = await this.number([artifact]);
      const pointer = record(content, numbered[0]?.number);
      const records = this.records(numbered);
      const result = await this.#store.insert(replaces ? records : [...records, pointer]);
      if (result.inserted) {
        this.inserted(numbered);
        if (replaces) await this.#store.put([pointer]);
        return numbered[0] as ArtifactVersionRecord;
      }
      await this.renumber(numbered, result.existing);
    }
  }

  /** What `add` would find, in two reads for all of them. */
  async withContent(
    wanted: readonly { readonly name: string; readonly digest: string }[],
  ): Promise<(ArtifactVersionRecord | undefined)[]> {
    const numbers = await readMany<number>(
      this.#store,
      wanted.map(({ name, digest }) => this.#keys.content(name, digest)),
    );
    const keys = wanted.flatMap(({ name }, index) => {
      const number = numbers[index];
      return number === undefined ? [] : [this.#keys.version(name, number)];
    });
    const found = await readMany<ArtifactVersionRecord>(this.#store, keys);
    let next = 0;
    return numbers.map((number) => {
      const one = number === undefined ? undefined : found[next++];
      return one?.removed === undefined ? one : undefined;
    });
  }

  async get(id: string): Promise<ArtifactVersionRecord | undefined> {
    return (await this.getMany([id]))[0];
  }

  /** In the order of the ids; `undefined` where there is none. */
  async getMany(ids: readonly string[]): Promise<(ArtifactVersionRecord | undefined)[]> {
    const places = ids.map(parseArtifactId);
    const named = places.filter(({ version }) => !numeric.test(version));
    const numbers = new Map<string, number>();
    const found = await readMany<number>(
      this.#store,
      named.map(({ name, version }) => this.#keys.namedVersion(name, version)),
    );
    for (const [index, place] of named.entries()) numbers.set(artifactId(place), found[index] ?? 0);
    const records = await readMany<ArtifactVersionRecord>(
      this.#store,
      places.map((place) => this.#keys.version(place.name, numbers.get(artifactId(place)) ?? Number(place.version))),
    );
    for (const artifact of records) if (artifact) this.#seen(artifact.name, artifact.number);
    return records;
  }

  /** The newest that was not removed. */
  async latest(name: string): Promise<ArtifactVersionRecord | undefined> {
    let page = await this.list(name, { limit: 1 });
    while (page.at(-1)?.removed !== undefined) {
      const there = page.find(({ removed }) => removed === undefined);
      if (there) return there;
      page = await this.list(name, { before: (page.at(-1) as ArtifactVersionRecord).number });
    }
    return page.find(({ removed }) => removed === undefined);
  }

  /** The newest of each name: since numbers have no gaps, they are searched for, all names at once. */
  async latestOf(names: readonly string[]): Promise<(ArtifactVersionRecord | undefined)[]> {
    const newest = await this.#newestNumbers(names);
    const records = await readMany<ArtifactVersionRecord>(
      this.#store,
      names.map((name, place) => this.#keys.version(name, newest[place] as number)),
    );
    for (const one of records) if (one) this.#seen(one.name, one.number);
    return await Promise.all(records.map((one) => (one?.removed === undefined ? one : this.latest(one.name))));
  }

  /** Newest first; `before` is a number. */
  async list(
    name: string,
    { before, limit = 50 }: { readonly before?: number; readonly limit?: number } = {},
  ): Promise<ArtifactVersionRecord[]> {
    const after = before === undefined ? {} : { after: this.#keys.version(name, before) };
    const page = await this.#store.scan(this.#keys.versions(name), { reverse: true, limit, ...after });
    const artifacts = page.map(({ key, value }) => parse<ArtifactVersionRecord>(key, value));
    const [newest] = artifacts;
    if (newest) this.#seen(name, newest.number);
    return artifacts;
  }

  /** In the order of the names' bytes. */
  async names({ after, limit = 50 }: { readonly after?: string; readonly limit?: number } = {}): Promise<string[]> {
    const start = after === undefined ? {} : { after: this.#keys.artifactName(after) };
    const page = await this.#store.scan(this.#keys.artifactNames(), { limit, ...start });
    return page.map(({ key }) => nameOf(key.slice(this.#keys.artifactNames().length)));
  }

  async #look(name: string): Promise<void> {
    const [last] = await this.#store.scan(this.#keys.versions(name), { reverse: true, limit: 1 });
    const latest = last && parseIfThere<ArtifactVersionRecord>(last.key, last.value);
    this.#seen(name, latest?.number ?? 0);
  }

  #seen(name: string, number: number): void {
    if (number >= (this.#highest.get(name) ?? 0)) this.#highest.set(name, number);
  }
}

function checkedVersion({ name, version }: NewArtifactVersion): string | undefined {
  if (version === undefined || !/^\d+$|@/.test(version)) return version;
  throw new TenonError("KEY_INVALID", {
    doing: `recording the version '${version}' of the artifact '${name}'`,
    found: "a version that has a name of its own cannot look like a number, nor hold an @",
    fix: `Choose a name such as 'v${version.replaceAll("@", "-")}', or leave it out: versions are numbered by themselves.`,
  });
}

function nameTaken(name: string, version: string): TenonError {
  return new TenonError("KEY_INVALID", {
    doing: `recording the version '${version}' of the artifact '${name}'`,
    found: "there is a version of that name already, and versions never change",
    fix: "Choose another name for the version, or leave it out: versions are numbered by themselves.",
  });
}

/**
 * The highest number that is there, of each of several rows of numbers without gaps: first their order of magnitude, then
 * a narrowing down, each with one question for all rows. 0 for a row that is empty.
 */
async function newestNumbers(
  rows: number,
  there: (probes: readonly { readonly place: number; readonly number: number }[]) => Promise<boolean[]>,
): Promise<number[]> {
  // `from` is there, or 0; `to` is not, as far as is known.
  const bounds = Array.from({ length: rows }, () => ({ from: 0, to: Number.POSITIVE_INFINITY }));
  for (;;) {
    const probes = bounds.flatMap(({ from, to }, place) =>
      numbersBetween(from, to).map((number) => ({ place, number })),
    );
    if (probes.length === 0) return bounds.map(({ from }) => from);
    const answers = await there(probes);
    for (const [index, { place, number }] of probes.entries()) {
      const bound = bounds[place] as (typeof bounds)[number];
      if (answers[index]) bound.from = Math.max(bound.from, number);
    }
    for (const [index, { place, number }] of probes.entries()) {
      const bound = bounds[place] as (typeof bounds)[number];
      if (!answers[index] && number > bound.from) bound.to = Math.min(bound.to, number);
    }
  }
}

function numbersBetween(from: number, to: number): number[] {
  if (to === Number.POSITIVE_INFINITY) {
    return Array.from({ length: probesAtOnce }, (_, power) => from + 2 ** power);
  }
  const step = Math.max(1, Math.ceil((to - from) / (probesAtOnce + 1)));
  const numbers: number[] = [];
  for (let number = from + step; number < to; number += step) numbers.push(number);
  return numbers;
}
