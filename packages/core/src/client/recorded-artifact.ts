import type { ArtifactType } from "../contracts/artifact-type.js";
import type { ArtifactReader, Materializer, Visualization } from "../contracts/materializer.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import { recordBase } from "./record-base.js";
import type { Connect } from "./references.js";
import type { LoadOptions } from "./value-access.js";

/** Ways to the value of an artifact version. Every byte is verified against the recorded digest. */
export interface ValueAccess<T> {
  /**
   * The value, by the type's own materializer; `as` asks for another view of the same bytes.
   *
   * @throws `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`, `MATERIALIZER_MISSING`, `ARTIFACT_FORMAT_UNREADABLE`
   * @example const rows = await run.outputs.rows.load({ as: arrowTable });
   */
  load(options?: { readonly signal?: AbortSignal }): Promise<T>;
  load<A>(options: { readonly as: ArtifactType<A> | Materializer<A>; readonly signal?: AbortSignal }): Promise<A>;
  load(options: { readonly as: string; readonly signal?: AbortSignal }): Promise<unknown>;
  /** The bytes of its file as they are stored; where there are several, name one. */
  stream(path?: string): AsyncIterable<Uint8Array>;
  /** Writes its files below a directory, which is made if it is not there; overwrites nothing. Returns their paths. */
  download(directory: string): Promise<readonly string[]>;
  /** Pictures and pages that were stored with it: all, or the one of this name. */
  visualize(name?: string): Promise<readonly Visualization[]>;
}

/** A version of an artifact: what is recorded of it, and ways to its value. */
export class RecordedArtifact<T = unknown> extends recordBase<ArtifactVersionRecord>() implements ValueAccess<T> {
  readonly #connect: Connect;

  constructor(record: ArtifactVersionRecord, connect: Connect) {
    super(record);
    this.#connect = connect;
  }

  /** `name@version`. */
  get id(): string {
    return `${this.name}@${this.version}`;
  }

  load(options?: { readonly signal?: AbortSignal }): Promise<T>;
  load<A>(options: { readonly as: ArtifactType<A> | Materializer<A>; readonly signal?: AbortSignal }): Promise<A>;
  load(options: { readonly as: string; readonly signal?: AbortSignal }): Promise<unknown>;
  async load(options: LoadOptions = {}): Promise<unknown> {
    const { access, vault } = await this.#open();
    return access.loadValue(vault, this, options);
  }

  async *stream(path?: string): AsyncIterable<Uint8Array> {
    const { access, vault } = await this.#open();
    yield* access.streamFile(vault, this, path);
  }

  async download(directory: string): Promise<readonly string[]> {
    const { access, vault } = await this.#open();
    return access.downloadFiles(vault, this, directory);
  }

  async visualize(name?: string): Promise<readonly Visualization[]> {
    const { access, vault } = await this.#open();
    return access.readVisualizations(vault, this, name);
  }

  /** Its files, verified as they are read. */
  async open(): Promise<ArtifactReader> {
    const { access, vault } = await this.#open();
    return access.openFiles(vault, this);
  }

  async #open() {
    const [access, connection] = await Promise.all([import("./value-access.js"), this.#connect()]);
    return { access, vault: await connection.vault() };
  }
}

/** An output of a step or a run, looked up when it is asked for. */
export class RecordedOutput<T = unknown> implements ValueAccess<T> {
  readonly #find: () => Promise<RecordedArtifact<T>>;

  constructor(find: () => Promise<RecordedArtifact<T>>) {
    this.#find = find;
  }

  /**
   * The artifact version that it is.
   *
   * @throws `ARTIFACT_UNKNOWN` if there is no output of that name, or the step did not succeed; `STEP_UNKNOWN`
   */
  async artifact(): Promise<RecordedArtifact<T>> {
    return this.#find();
  }

  load(options?: { readonly signal?: AbortSignal }): Promise<T>;
  load<A>(options: { readonly as: ArtifactType<A> | Materializer<A>; readonly signal?: AbortSignal }): Promise<A>;
  load(options: { readonly as: string; readonly signal?: AbortSignal }): Promise<unknown>;
  async load(options: LoadOptions = {}): Promise<unknown> {
    return (await this.#find()).load(options as never);
  }

  async *stream(path?: string): AsyncIterable<Uint8Array> {
    yield* (await this.#find()).stream(path);
  }

  async download(directory: string): Promise<readonly string[]> {
    return (await this.#find()).download(directory);
  }

  async visualize(name?: string): Promise<readonly Visualization[]> {
    return (await this.#find()).visualize(name);
  }
}

/** By name. Which there are is known only once the run is read; a wrong name is said when its value is asked for. */
export type RecordedOutputs<Outputs> = { readonly [K in keyof Outputs]: RecordedOutput<Outputs[K]> };

export function lazyOutputs<Outputs>(find: (name: string) => Promise<RecordedArtifact>): RecordedOutputs<Outputs> {
  return new Proxy(Object.freeze({}), {
    get: (_, name) =>
      // Asked for by `await`, `JSON.stringify` and the like, never as an output.
      typeof name === "symbol" || name === "then" || name === "toJSON"
        ? undefined
        : new RecordedOutput(() => find(name)),
  }) as unknown as RecordedOutputs<Outputs>;
}
