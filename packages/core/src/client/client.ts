import type { ArtifactType } from "../contracts/artifact-type.js";
import type { ArtifactReader } from "../contracts/materializer.js";
import type { Plan } from "../contracts/plan.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Stack } from "../kernel/stack-definition.js";
import type { ArtifactVersionRecord, StepRunRecord } from "../ledger/records.js";
import type { RunFilter, RunSummary } from "../ledger/runs.js";
import { findArtifact, listArtifacts, listVersions } from "./artifacts.js";
import type { Connection } from "./connection.js";
import type { ArtifactReference, ModelReference } from "../pipeline/reference.js";
import { checkStep, type LogLine, readLogs } from "./logs.js";
import {
  type ArtifactReferenceOptions,
  artifactReference,
  type ModelReferenceOptions,
  modelReference,
  type RunReference,
  runReference,
} from "./references.js";
import { findRun, latestRunOf, listRuns, type ReadRun } from "./runs.js";

export interface ClientOptions {
  /** Where the search for the project begins, upwards; by default the working directory. */
  readonly directory?: string;
  /** Whose stores are read; by default the active stack of `tenon.yaml`. */
  readonly stack?: string | Stack;
  /** A kernel that is open already; it stays open when the client is closed. */
  readonly kernel?: Kernel;
}

export interface PageOptions {
  /** At most so many; by default 50. */
  readonly limit?: number;
}

/**
 * Reads what happened: runs, their steps and logs, and the artifacts that they made. Making one opens nothing; the
 * project and its stores are opened by the first question.
 *
 * @example
 * const client = new Client();
 * const run = await client.findRun("latest");
 * const model = await client.loadArtifact(await client.findArtifact("penguins.fit"));
 * await client.close();
 */
export class Client {
  readonly #options: ClientOptions;
  #connection: Promise<Connection> | undefined;

  constructor(options: ClientOptions = {}) {
    this.#options = options;
  }

  /** Newest first. */
  async listRuns(filter: RunFilter = {}): Promise<readonly ReadRun[]> {
    return listRuns((await this.#connected()).ledger, filter);
  }

  /**
   * A run by its id, by the beginning of its id, or `latest`.
   *
   * @throws `RUN_UNKNOWN` if there is none, or if several ids begin so
   */
  async findRun(reference: string): Promise<ReadRun> {
    return findRun((await this.#connected()).ledger, reference);
  }

  /**
   * The newest run of a pipeline.
   *
   * @throws `PIPELINE_UNKNOWN` if none of that name has run
   */
  async latestRunOf(pipeline: string): Promise<RunSummary> {
    return latestRunOf((await this.#connected()).ledger, pipeline);
  }

  /** The names of all pipelines that have run, in order. */
  async listPipelines(): Promise<readonly string[]> {
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

  /** How the steps of a run came out, the elements of a map included; those that go on are not among them. */
  async stepRuns(runId: string): Promise<readonly StepRunRecord[]> {
    return (await this.#connected()).ledger.stepRuns(runId);
  }

  /**
   * What the steps of a run wrote, or one of them, as far as it was kept on this machine.
   *
   * @throws `STEP_UNKNOWN`
   */
  async *logs(runId: string, stepId?: string): AsyncIterable<LogLine> {
    const { kernel, ledger } = await this.#connected();
    if (stepId !== undefined) await checkStep(ledger, runId, stepId);
    yield* readLogs(kernel.project.stateDirectory, runId, stepId);
  }

  /** Asks the run's driver, wherever it is, to stop. Resolves once the request is recorded. */
  async requestCancel(runId: string): Promise<void> {
    await (await this.#connected()).ledger.requestCancel(runId);
  }

  /** The latest version of each artifact, in the order of their names. */
  async listArtifacts(page: PageOptions = {}): Promise<readonly ArtifactVersionRecord[]> {
    return listArtifacts((await this.#connected()).ledger, page);
  }

  /**
   * The versions of one artifact, newest first.
   *
   * @throws `ARTIFACT_UNKNOWN`
   */
  async listArtifactVersions(name: string, page: PageOptions = {}): Promise<readonly ArtifactVersionRecord[]> {
    return listVersions((await this.#connected()).ledger, name, page);
  }

  /**
   * `name` and `name@latest` are its latest version, `name@3` is version 3.
   *
   * @throws `ARTIFACT_UNKNOWN`
   */
  async findArtifact(reference: string): Promise<ArtifactVersionRecord> {
    return findArtifact((await this.#connected()).ledger, reference);
  }

  /**
   * The value of an artifact, verified against its digest; `as` asks for another view of the same bytes.
   *
   * @throws `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`, `MATERIALIZER_MISSING`, `ARTIFACT_FORMAT_UNREADABLE`
   */
  async loadArtifact(
    artifact: ArtifactVersionRecord,
    options: { readonly as?: string | ArtifactType<unknown>; readonly signal?: AbortSignal } = {},
  ): Promise<unknown> {
    return (await this.#connected()).vault().then((vault) => vault.load(artifact, options));
  }

  /** The files of an artifact, verified as they are read. */
  async openArtifact(artifact: ArtifactVersionRecord): Promise<ArtifactReader> {
    return (await this.#connected()).vault().then((vault) => vault.reader(artifact));
  }

  /** @throws `ARTIFACT_UNKNOWN` if the artifact has no visualization of that name */
  async loadVisualization(artifact: ArtifactVersionRecord, name: string): Promise<Uint8Array> {
    const { visualization } = await import("./visualization.js");
    return visualization(await (await this.#connected()).vault(), artifact, name);
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
