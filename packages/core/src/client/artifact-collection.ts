import type { ArtifactVersionRecord } from "../ledger/records.js";
import { Listing, type Page } from "./listing.js";
import { RecordedArtifact } from "./recorded-artifact.js";
import type { Connect } from "./references.js";
import type { SaveArtifactOptions, StoredValue } from "./save-artifact.js";
import type { Where } from "./where.js";

export interface ArtifactQuery {
  readonly tag?: string;
  /** By metadata. Neither this nor `tag` has an index: the page says what was `scanned`. */
  readonly where?: Where;
}

/** The artifacts of a project. */
export class ArtifactCollection {
  readonly #connect: Connect;

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  /** The latest version of each artifact, in the order of their names. */
  list(query: ArtifactQuery = {}): Listing<RecordedArtifact> {
    const read = async (after: string | undefined, limit: number) => {
      const { listArtifacts } = await import("./artifacts.js");
      return listArtifacts((await this.#connect()).ledger, { limit, ...(after === undefined ? {} : { after }) });
    };
    return this.#listing(query, read, ({ name }) => name);
  }

  /**
   * The versions of one artifact, newest first; those that were removed say so.
   *
   * @throws `ARTIFACT_UNKNOWN`
   */
  versions(name: string, query: ArtifactQuery = {}): Listing<RecordedArtifact> {
    const read = async (after: string | undefined, limit: number) => {
      const { listVersions } = await import("./artifacts.js");
      const page = { limit, ...(after === undefined ? {} : { before: Number(after) }) };
      const items = await listVersions((await this.#connect()).ledger, name, page);
      const last = items.length < limit ? undefined : items.at(-1);
      return last ? { items, next: String(last.number) } : { items };
    };
    return this.#listing(query, read, ({ number }) => String(number));
  }

  /**
   * `name` and `name@latest` are its latest version, `name@3` is version 3.
   *
   * @throws `ARTIFACT_UNKNOWN`
   */
  async get(reference: string): Promise<RecordedArtifact> {
    const { findArtifact } = await import("./artifacts.js");
    return new RecordedArtifact(await findArtifact((await this.#connect()).ledger, reference), this.#connect);
  }

  /**
   * Stores a value from outside of any run as the next version of an artifact. If the latest version has the same content,
   * nothing is stored, and that one is returned. Give it a tag: the garbage collector removes what nothing holds.
   *
   * @throws `OUTPUT_INVALID`, `MATERIALIZER_MISSING`, `KEY_INVALID` and what the stores throw; then nothing is recorded
   * @example const { artifact, known } = await client.artifacts.save("survey", rows, { type: table, tags: ["keep"] });
   */
  async save<T>(name: string, value: T, options: SaveArtifactOptions<T> = {}): Promise<StoredValue<T>> {
    const { saveArtifact } = await import("./save-artifact.js");
    const { record, known } = await saveArtifact(
      await this.#connect(),
      name,
      value,
      options as SaveArtifactOptions<unknown>,
    );
    return { artifact: new RecordedArtifact<T>(record, this.#connect), known };
  }

  #listing(
    { tag, where }: ArtifactQuery,
    read: (after: string | undefined, limit: number) => Promise<Page<ArtifactVersionRecord>>,
    cursorOf: (artifact: ArtifactVersionRecord) => string,
  ): Listing<RecordedArtifact> {
    const page = async (after: string | undefined, limit: number) => {
      const { items, ...rest } = await read(after, limit);
      return { items: items.map((one) => new RecordedArtifact(one, this.#connect)), ...rest };
    };
    if (tag === undefined && where === undefined) return new Listing(({ after, limit }) => page(after, limit));
    return new Listing(async (request) => {
      const { fitsWhere, scanPage } = await import("./where.js");
      const fits = (one: ArtifactVersionRecord) =>
        (tag === undefined || one.tags.includes(tag)) && fitsWhere(one.metadata, where ?? {});
      return scanPage(request, page, fits, cursorOf);
    });
  }
}
