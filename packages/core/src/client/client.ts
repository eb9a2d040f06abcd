import type { Plan } from "../contracts/plan.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Stack } from "../kernel/stack-definition.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import type { ArtifactReference, ModelReference } from "../pipeline/reference.js";
import { ArtifactCollection } from "./artifact-collection.js";
import type { Garbage, GarbageOptions } from "./collect-garbage.js";
import type { ComparedRuns } from "./compared-runs.js";
import type { Connection } from "./connection.js";
import type { CopiedArtifact, CopyOptions } from "./copy-artifact.js";
import type { CacheExplanation } from "./explain-cache.js";
import type { Lineage, LineageOptions } from "./lineage.js";
import type { Migration, MigrationOptions } from "./migrate-stack.js";
import { ModelCollection } from "./model-collection.js";
import { type OutputsOf, RecordedPipeline } from "./recorded-pipeline.js";
import {
  type ArtifactReferenceOptions,
  artifactReference,
  type ModelReferenceOptions,
  modelReference,
  type RunReference,
  runReference,
} from "./references.js";
import { RunCollection } from "./run-collection.js";

export interface ClientOptions {
  /** Where the search for the project begins, upwards; by default the working directory. */
  readonly directory?: string;
  /** Whose stores are read; by default the active stack of `tenon.yaml`. */
  readonly stack?: string | Stack;
  /** A kernel that is open already; it stays open when the client is closed. */
  readonly kernel?: Kernel;
}

/**
 * Reads what happened: pipelines, runs, their steps, and the artifacts that they made. Making one opens nothing; the
 * project and its stores are opened by the first question.
 *
 * @example
 * const client = new Client();
 * const last = await client.pipeline(penguins).runs.latest();
 * const model = await last.outputs.model.load();
 * await client.close();
 */
export class Client {
  readonly #options: ClientOptions;
  #connection: Promise<Connection> | undefined;
  /** All runs of the project. */
  readonly runs: RunCollection;
  /** All artifacts of the project. */
  readonly artifacts: ArtifactCollection;
  /** All models of the project. */
  readonly models: ModelCollection;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
    const connect = () => this.#connected();
    this.runs = new RunCollection(connect);
    this.artifacts = new ArtifactCollection(connect);
    this.models = new ModelCollection(connect);
  }

  /**
   * A pipeline and its runs. From a definition the outputs of runs have their types; by name they are `unknown`.
   *
   * @example const { accuracy } = await (await client.pipeline(penguins).runs.latest()).outputs.report.load();
   */
  pipeline<P extends PipelineDefinition | string>(pipeline: P): RecordedPipeline<OutputsOf<P>> {
    return new RecordedPipeline(typeof pipeline === "string" ? pipeline : pipeline.name, () => this.#connected());
  }

  /** The names of all pipelines that have run, in order. */
  async pipelines(): Promise<readonly string[]> {
    return (await this.#connected()).ledger.pipelines();
  }

  /** By its digest, as a run record names it. `undefined` if nothing is recorded under it. */
  async plan(digest: string): Promise<Plan | undefined> {
    const text = await this.planText(digest);
    return text === undefined ? undefined : (await import("../compiler/read-plan.js")).readPlan(text);
  }

  /** The canonical YAML of a plan. */
  async planText(digest: string): Promise<string | undefined> {
    return (await this.#connected()).ledger.plan(digest);
  }

  /**
   * Where an artifact came from, and what became of it, across pipelines. `lineageTree`, `lineageMermaid` and `lineageSvg`
   * draw it.
   *
   * @param artifact `name`, which is its latest version, `name@3`, or what the client has returned
   * @throws `ARTIFACT_UNKNOWN`
   */
  async lineage(
    artifact: string | { readonly name: string; readonly version: string },
    options: LineageOptions = {},
  ): Promise<Lineage> {
    const reference = typeof artifact === "string" ? artifact : `${artifact.name}@${artifact.version}`;
    const { lineageOf } = await import("./lineage.js");
    return lineageOf((await this.#connected()).ledger, (await this.artifacts.get(reference)).id, options);
  }

  /**
   * Removes what nothing refers to any more: artifact versions that no run, model or tag holds, bytes that no record
   * names, and temporary files of processes that are no more. Unless `force` says so, nothing is done and only what would
   * be is returned. Runs may go on meanwhile.
   */
  async collectGarbage(options: GarbageOptions = {}): Promise<Garbage> {
    return (await import("./collect-garbage.js")).collectGarbage(await this.#connected(), options);
  }

  /**
   * A late reference to an artifact: nothing is looked up until a step that takes it starts, or `get` is called.
   *
   * @throws `REFERENCE_INVALID`
   * @example predict({ model: client.artifact("trained_model", { version: "42", type: layersModel }) })
   */
  artifact<T = unknown>(name: string, options: ArtifactReferenceOptions<T> = {}): ArtifactReference<T> {
    return artifactReference(() => this.#connected(), name, options);
  }

  /**
   * A late reference to a version of a model: by its version, by its stage, or the latest.
   *
   * @throws `REFERENCE_INVALID`
   * @example client.model("churn", { stage: "production" }).artifact("trained_model", { type: layersModel })
   */
  model(name: string, options: ModelReferenceOptions = {}): ModelReference {
    return modelReference(() => this.#connected(), name, options);
  }

  /**
   * A late reference to what a run has made: `client.run(id).step("fit").output("model")`.
   *
   * @param id the whole id of the run
   */
  run(id: string): RunReference {
    return runReference(() => this.#connected(), id);
  }

  /**
   * Runs side by side: parameters, code, inputs, metadata, durations, digests. Each is named as for `runs.get`.
   *
   * @throws `RUN_UNKNOWN`, `RUNS_NOT_COMPARABLE` if they were made with different stores
   */
  async compareRuns(references: readonly string[]): Promise<ComparedRuns> {
    return (await import("./find-compared.js")).findAndCompare(await this.#connected(), references);
  }

  /**
   * Why a step of a run was, or was not, taken from the cache.
   *
   * @throws `RUN_UNKNOWN`, `STEP_UNKNOWN`
   */
  async explainCache(run: string, stepId: string): Promise<CacheExplanation> {
    const { ledger } = await this.#connected();
    const [{ explainCache }, { findRun }] = await Promise.all([import("./explain-cache.js"), import("./runs.js")]);
    return explainCache(ledger, await findRun(ledger, run), stepId);
  }

  /**
   * Copies everything of the project to the stores of another stack, ids and versions included, verified by digest. Unless
   * `force` says so, nothing is written and only what would be is returned. A migration that broke off is continued by
   * calling it again. This client's own stack stays as it is.
   *
   * @throws `STACK_OCCUPIED` if the other holds something else under the same names, `RUN_ACTIVE` while runs go on,
   * `ARTIFACT_CORRUPT` or `ARTIFACT_MISSING` naming every artifact whose bytes are damaged
   * @example await client.migrate("shared", { force: true });
   */
  async migrate(to: string | Stack, options: MigrationOptions = {}): Promise<Migration> {
    const { kernel } = await this.#connected();
    return (await import("./migrate-stack.js")).migrateStack(kernel, this.#options.stack, to, options);
  }

  /**
   * Copies one version of an artifact to another stack, with its metadata, tags and visualizations. There it is the next
   * version of its name, unless it is there already.
   *
   * @throws `ARTIFACT_UNKNOWN`, `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`
   * @example await client.copyArtifact("penguins.fit@3", "shared");
   */
  async copyArtifact(reference: string, to: string | Stack, options: CopyOptions = {}): Promise<CopiedArtifact> {
    const { kernel } = await this.#connected();
    return (await import("./copy-artifact.js")).copyArtifact(kernel, this.#options.stack, reference, to, options);
  }

  /** Closes the stores. The client can be used again; it then opens them anew. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await (await connection?.catch(() => undefined))?.close();
  }

  #connected(): Promise<Connection> {
    this.#connection ??= import("./connection.js").then(({ connect }) => connect(this.#options));
    return this.#connection;
  }
}
