import type { MetadataRecord } from "../contracts/metadata-store.js";

type Kind = "insert" | "put";

interface Write {
  readonly kind: Kind;
  readonly records: readonly MetadataRecord[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Bounds of what is written together: records, and characters of their values. */
const mostRecords = 1000;
const mostCharacters = 4 * 1024 * 1024;

/**
 * One write at a time; what arrives in one turn, or while another write goes on, is written together. Statements that wait for each
 * other inside a database would each hold a thread of the few that file I/O needs too. Writes that fail together are
 * tried one by one, so that each has its own outcome.
 */
export class WriteQueue {
  readonly #write: (kind: Kind, records: readonly MetadataRecord[]) => Promise<void>;
  #waiting: Write[] = [];
  #working: Promise<void> | undefined;

  constructor(write: (kind: Kind, records: readonly MetadataRecord[]) => Promise<void>) {
    this.#write = write;
  }

  add(kind: Kind, records: readonly MetadataRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, records, resolve, reject });
      this.#working ??= this.#work();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    await undefined; // so that what arrives in the same turn is written together too
    while (this.#waiting.length > 0) {
      const batch = this.#next();
      const [first] = batch as [Write];
      try {
        await this.#write(first.kind, batch.length === 1 ? first.records : batch.flatMap(({ records }) => records));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        if (batch.length === 1) first.reject(error);
        else for (const one of batch) await this.#write(one.kind, one.records).then(one.resolve, one.reject);
      }
    }
    // In the same turn in which nothing was found waiting: what arrives later has to start the work again.
    this.#working = undefined;
  }

  /** The first that waits, and those after it that can be written with it: of its kind, with keys of their own. */
  #next(): Write[] {
    const [first] = this.#waiting as [Write];
    const keys = new Set<string>();
    let characters = 0;
    let count = 0;
    for (const { kind, records } of this.#waiting) {
      for (const { value } of records) characters += value.length;
      const fits = keys.size + records.length <= mostRecords && characters <= mostCharacters;
      if (kind !== first.kind || (count > 0 && (!fits || records.some(({ key }) => keys.has(key))))) break;
      for (const { key } of records) keys.add(key);
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
