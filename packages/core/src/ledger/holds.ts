import type { MetadataStore } from "../contracts/metadata-store.js";
import { artifactId, parseArtifactId } from "./artifact-versions.js";
import type { Keys } from "./keys.js";
import type { ArtifactVersionRecord } from "./records.js";
import { scanAll } from "./text.js";

/** What is about to be removed: to be taken for gone. */
export interface Doomed {
  /** By id. */
  readonly artifacts: ReadonlySet<string>;
  /** Locations of elements. */
  readonly places: ReadonlySet<string>;
}

/**
 * What runs use of what others have made. A run first says so, then looks whether a collector has doomed it; a collector
 * first dooms, then looks whether a run uses it. Whatever the order of these four, one of the two sees the other.
 */
export class Holds {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  /** By run, what it holds for certain: it was not doomed when it was held. */
  readonly #sure = new Map<string, Set<string>>();

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /** One write and one read. Nothing of it may be relied on to exist before this has said that it is not doomed. */
  async take(
    runId: string,
    artifacts: readonly ArtifactVersionRecord[],
    places: readonly string[] = [],
  ): Promise<Doomed> {
    const sure = this.#sure.get(runId) ?? new Set();
    this.#sure.set(runId, sure);
    const others = artifacts.filter((one) => one.producer?.runId !== runId && !sure.has(artifactId(one)));
    const elsewhere = [...new Set(places)].filter((place) => !sure.has(place));
    const keys = new Set<string>();
    for (const { name, version, producer } of others) {
      keys.add(this.#keys.pinned(name, version, runId));
      if (producer) keys.add(this.#keys.userOfRun(producer.runId, runId));
    }
    for (const place of elsewhere) keys.add(this.#keys.heldPlace(place, runId));
    if (keys.size === 0) return { artifacts: new Set(), places: new Set() };
    await this.#store.put([...keys].map((key) => ({ key, value: "" })));
    const ids = [...new Set(others.map(artifactId))];
    const marks = await this.#store.getMany([
      ...ids.map((id) => this.#doomed(id)),
      ...elsewhere.map((place) => this.#keys.doomedPlace(place)),
    ]);
    const isDoomed = (place: number) => marks[place] !== undefined;
    const doomed: Doomed = {
      artifacts: new Set(ids.filter((_, place) => isDoomed(place))),
      places: new Set(elsewhere.filter((_, place) => isDoomed(ids.length + place))),
    };
    for (const id of ids) if (!doomed.artifacts.has(id)) sure.add(id);
    for (const place of elsewhere) if (!doomed.places.has(place)) sure.add(place);
    return doomed;
  }

  async usersOfRun(runId: string): Promise<string[]> {
    const prefix = this.#keys.usersOfRun(runId);
    return (await scanAll(this.#store, prefix)).map(({ key }) => key.slice(prefix.length));
  }

  #doomed(id: string): string {
    const { name, version } = parseArtifactId(id);
    return this.#keys.doomedArtifact(name, version);
  }
}
