import { TenonError } from "../errors.js";
import { artifactId } from "../ledger/artifact-versions.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";

interface Wanted {
  readonly id: string;
  resolve(record: ArtifactVersionRecord): void;
  reject(error: unknown): void;
}

/** Artifact records by id: those of this run are at hand, others are read, as many at a time as are asked for. */
export class KnownArtifacts {
  readonly #ledger: Ledger;
  readonly #known = new Map<string, ArtifactVersionRecord>();
  #wanted: Wanted[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  remember(records: Iterable<ArtifactVersionRecord>): void {
    for (const record of records) this.#known.set(artifactId(record), record);
  }

  /** @throws `ARTIFACT_UNKNOWN` */
  get(id: string): Promise<ArtifactVersionRecord> {
    const known = this.#known.get(id);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      this.#wanted.push({ id, resolve, reject });
      if (this.#wanted.length === 1) queueMicrotask(() => void this.#read());
    });
  }

  async #read(): Promise<void> {
    const batch = this.#wanted;
    this.#wanted = [];
    try {
      const records = await this.#ledger.artifacts(batch.map(({ id }) => id));
      this.remember(records.filter((record) => record !== undefined));
      for (const { id, resolve, reject } of batch) {
        const record = this.#known.get(id);
        if (record) resolve(record);
        else reject(unknown(id));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}

function unknown(id: string): TenonError {
  return new TenonError("ARTIFACT_UNKNOWN", {
    doing: `looking for the artifact '${id}'`,
    found: "the ledger has no record of it",
    fix: "Run the pipeline again: what is missing is made anew.",
  });
}
