import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { parseArtifactId } from "./artifact-versions.js";
import { insertWithLinks } from "./insert-with-links.js";
import type { Keys } from "./keys.js";
import { type ModelId, type ModelLinks, modelId } from "./model-links.js";
import { parse, parseIfThere, readMany, record, scanAll } from "./text.js";

/** What a run has settled on for one reference. */
export interface Pin {
  /** Canonical text of what was asked for: which version, not what of it. */
  readonly selector: string;
  /** An artifact's id. */
  readonly artifact?: string;
  /** A model version's id. */
  readonly model?: string;
}

/** Which versions the references of a run mean. The first answer stands for the whole run, resumed or not. */
export class Pins {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #links: ModelLinks;

  constructor(store: MetadataStore, keys: Keys, links: ModelLinks) {
    this.#store = store;
    this.#keys = keys;
    this.#links = links;
  }

  /** In the order of the selectors; `undefined` for what nobody has asked for yet. */
  async get(runId: string, selectors: readonly string[]): Promise<(Pin | undefined)[]> {
    return await readMany<Pin>(
      this.#store,
      selectors.map((selector) => this.#keys.pin(runId, selector)),
    );
  }

  /** Records an answer, unless there is one. Returns the one that stands. */
  async settle(
    runId: string,
    selector: string,
    { artifact, model }: { readonly artifact?: string; readonly model?: ModelId },
  ): Promise<Pin> {
    const pin: Pin = { selector, ...(artifact !== undefined && { artifact }), ...(model && { model: modelId(model) }) };
    const links: MetadataRecord[] = [];
    if (artifact !== undefined) {
      const { name, version } = parseArtifactId(artifact);
      links.push({ key: this.#keys.pinned(name, version, runId), value: "" });
    }
    if (model) links.push(...this.#links.ofRun(model, runId, "used"));
    const deciding = this.record(runId, pin);
    const taken = await insertWithLinks(this.#store, [deciding], links);
    if (taken.length === 0) return pin;
    return parseIfThere<Pin>(deciding.key, await this.#store.get(deciding.key)) ?? pin;
  }

  /** Makes another run mean by its references what this one has meant. */
  async copy(fromRunId: string, runId: string): Promise<void> {
    for (const { selector, artifact, model } of await this.list(fromRunId)) {
      const pin: Pin = { selector, ...(artifact !== undefined && { artifact }), ...(model !== undefined && { model }) };
      const links: MetadataRecord[] = [];
      if (artifact !== undefined) {
        const { name, version } = parseArtifactId(artifact);
        links.push({ key: this.#keys.pinned(name, version, runId), value: "" });
      }
      await insertWithLinks(this.#store, [this.record(runId, pin)], links);
    }
  }

  record(runId: string, pin: Pin): MetadataRecord {
    return record(this.#keys.pin(runId, pin.selector), pin);
  }

  async list(runId: string): Promise<Pin[]> {
    return (await scanAll(this.#store, this.#keys.pins(runId))).map(({ key, value }) => parse<Pin>(key, value));
  }

  /** The ids of the runs that have settled on an artifact. */
  async holders(artifactId: string): Promise<string[]> {
    const { name, version } = parseArtifactId(artifactId);
    const prefix = this.#keys.pinnedBy(name, version);
    return (await scanAll(this.#store, prefix)).map(({ key }) => key.slice(prefix.length));
  }
}
