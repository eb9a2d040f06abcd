import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { ScratchDirectory } from "../artifacts/scratch-directory.js";
import { TenonError } from "../errors.js";
import type { ArtifactVersionRecord, ResolvedInput } from "../ledger/records.js";
import type { KnownArtifacts } from "./known-artifacts.js";

const JSON_FORMAT = "json";
const KEPT_LISTS = 4;

/**
 * Decodes the inputs of steps. Each step gets values of its own, so that one that changes its input in place harms
 * nobody else.
 */
export class InputLoader {
  readonly #vault: ArtifactVault;
  readonly #records: KnownArtifacts;
  /** Lists of which elements are taken one by one: decoded once, each element copied. */
  readonly #lists = new Map<string, Promise<readonly unknown[]>>();

  constructor(vault: ArtifactVault, records: KnownArtifacts) {
    this.#vault = vault;
    this.#records = records;
  }

  async load(
    input: ResolvedInput,
    options: { readonly signal: AbortSignal; readonly scratch: ScratchDirectory },
    loaded: (record: ArtifactVersionRecord) => void = () => {},
  ): Promise<unknown> {
    if ("list" in input) return Promise.all(input.list.map((item) => this.load(item, options, loaded)));
    if ("metadata" in input) return structuredClone(input.value);
    const record = await this.#records.get(input.artifact);
    loaded(record);
    const { as } = input;
    const view = as === undefined ? options : { ...options, as };
    if (input.element === undefined) return this.#vault.load(record, view);
    if (record.elements) {
      const element = record.elements[input.element];
      if (element) return this.#vault.load(element, view);
    }
    if (as !== undefined || record.format !== JSON_FORMAT) {
      return elementOf(await this.#vault.load(record, view), input.element, record);
    }
    return structuredClone(elementOf(await this.list(input.artifact, record), input.element, record));
  }

  /** The elements of an artifact that holds a list; not to be changed. */
  list(id: string, record: ArtifactVersionRecord, as?: string): Promise<readonly unknown[]> {
    const key = as === undefined ? id : `${id} as ${as}`;
    const known = this.#lists.get(key);
    if (known) return known;
    const list = this.#vault.load(record, as === undefined ? {} : { as }).then((value) => toList(value, record));
    list.catch(() => this.#lists.delete(key));
    this.#lists.set(key, list);
    if (this.#lists.size > KEPT_LISTS) this.#lists.delete(this.#lists.keys().next().value as string);
    return list;
  }
}

function elementOf(value: unknown, place: number, record: ArtifactVersionRecord): unknown {
  return toList(value, record)[place];
}

function toList(value: unknown, record: ArtifactVersionRecord): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) return [...(value as unknown as Iterable<unknown>)];
  throw new TenonError("INPUT_INVALID", {
    doing: `taking the elements of artifact ${record.name}@${record.version}`,
    found: `it is of type ${record.type} and holds no list`,
    fix: "Give each() an output that is a list.",
  });
}
