import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import type { Keys } from "./keys.js";
import { parse, record } from "./text.js";

interface Collector {
  readonly number: number;
  readonly driver: string;
  readonly started: string;
  readonly ended?: string;
}

/** One collector at a time: two that doom and spare the same things would not see each other's marks for what they are. */
export class CollectorLock {
  readonly #store: MetadataStore;
  readonly #keys: Keys;

  constructor(store: MetadataStore, keys: Keys) {
    this.#store = store;
    this.#keys = keys;
  }

  /**
   * @param isGone whether a process is no more; `undefined` where nobody can tell
   * @throws `STORE_BEING_COLLECTED` if another collector is at work, or may be
   */
  async take(driver: string, isGone: (driver: string) => boolean): Promise<() => Promise<void>> {
    const [last] = await this.#store.scan(this.#keys.collectors(), { reverse: true, limit: 1 });
    const latest = last && parse<Collector>(last.key, last.value);
    if (latest && latest.ended === undefined && !isGone(latest.driver)) throw busy(latest);
    const own: Collector = { number: (latest?.number ?? 0) + 1, driver, started: new Date().toISOString() };
    const key = this.#keys.collector(own.number);
    if (!(await this.#store.insert([record(key, own)])).inserted) throw busy({ ...own, driver: "another process" });
    if (last) await this.#store.delete([last.key]);
    return async () => this.#store.put([record(key, { ...own, ended: new Date().toISOString() })]);
  }
}

function busy({ driver, started }: Collector): TenonError {
  return new TenonError("STORE_BEING_COLLECTED", {
    doing: "collecting garbage",
    found: `${driver} has been doing so since ${started}`,
    fix: "Wait until it is done. If that process is no more, say so: tenon gc --take-over.",
  });
}
