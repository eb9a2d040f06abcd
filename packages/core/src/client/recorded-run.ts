import type { JsonObject } from "../contracts/json.js";
import type { Plan } from "../contracts/plan.js";
import type { AttemptSummary } from "../ledger/attempts.js";
import type { RunSource } from "../ledger/code-records.js";
import type { StepRunRecord } from "../ledger/records.js";
import type { LogLine } from "./logs.js";
import { recordBase } from "./record-base.js";
import { lazyOutputs, RecordedArtifact, RecordedOutput, type RecordedOutputs } from "./recorded-artifact.js";
import type { Connect } from "./references.js";
import type { ReadRun } from "./runs.js";

/** A run: what is recorded of it, and ways to its steps and to what it made. */
export class RecordedRun<Outputs = Readonly<Record<string, unknown>>> extends recordBase<ReadRun>() {
  readonly #connect: Connect;
  #plan: Promise<Plan> | undefined;

  constructor(record: ReadRun, connect: Connect) {
    super(record);
    this.#connect = connect;
  }

  /** What the pipeline returned. @example await run.outputs.model.load() */
  get outputs(): RecordedOutputs<Outputs> {
    return lazyOutputs<Outputs>((name) => this.#output(name));
  }

  /** A step of the run, or an element of a mapped one: `fit[3]`. Nothing is looked up before it is asked for. */
  step(stepId: string): RunStep {
    return new RunStep(this.id, stepId, this.#connect);
  }

  /** How its steps came out, the elements of maps included; those that go on are not among them. */
  async steps(): Promise<readonly StepRunRecord[]> {
    return (await this.#connect()).ledger.stepRuns(this.id);
  }

  /** The tries of its steps, those that go on among them, with the names by which an engine knows them. */
  async attempts(): Promise<readonly AttemptSummary[]> {
    return (await this.#connect()).ledger.attempts(this.id);
  }

  /** What was to be done. @throws `PLAN_UNKNOWN` */
  async definition(): Promise<Plan> {
    this.#plan ??= this.#connect().then(async (connection) =>
      (await import("./run-outputs.js")).planOf(connection, this),
    );
    return this.#plan;
  }

  /** Where the code of its steps is, pinned to a commit or a package's version as far as it was in one. */
  async sources(): Promise<readonly RunSource[]> {
    return (await this.#connect()).ledger.code.sources(this.id);
  }

  /** What its steps have said about the run. */
  async metadata(): Promise<JsonObject> {
    return (await this.#connect()).ledger.runMetadata(this.id);
  }

  /**
   * What its steps wrote, or one of them: as far as it was kept on this machine, or brought to the stack, as processes do
   * that an engine starts elsewhere.
   *
   * @param options.follow go on with what is written from now on, until the run has ended
   * @throws `STEP_UNKNOWN`; `RUN_BROKE_OFF` if it is followed and its driver is no more
   */
  async *logs(
    stepId?: string,
    { follow = false, signal }: { readonly follow?: boolean; readonly signal?: AbortSignal } = {},
  ): AsyncIterable<LogLine> {
    const { kernel, ledger } = await this.#connect();
    const { checkStep, followLogs, readLogs } = await import("./logs.js");
    if (stepId !== undefined) await checkStep(ledger, this.id, stepId);
    const { stateDirectory } = kernel.project;
    const options = { ...(stepId !== undefined && { stepId }), ...(signal && { signal }) };
    if (follow) yield* followLogs(ledger, stateDirectory, this.id, options);
    else yield* readLogs(ledger, stateDirectory, this.id, stepId);
  }

  /** Asks the run's driver, wherever it is, to stop. Resolves once the request is recorded. */
  async cancel(): Promise<void> {
    await (await this.#connect()).ledger.requestCancel(this.id);
  }

  async #output(name: string): Promise<RecordedArtifact> {
    const { outputOfRun } = await import("./run-outputs.js");
    const record = await outputOfRun(await this.#connect(), this.id, await this.definition(), name);
    return new RecordedArtifact(record, this.#connect);
  }
}

/** A step of a run. */
export class RunStep {
  readonly #connect: Connect;

  constructor(
    readonly runId: string,
    readonly id: string,
    connect: Connect,
  ) {
    this.#connect = connect;
  }

  get outputs(): RecordedOutputs<Readonly<Record<string, unknown>>> & {
    readonly [name: string]: RecordedOutput;
  } {
    return lazyOutputs((name) => this.#output(name));
  }

  /** @param name absent for a step that has one output without a name of its own */
  output(name = "output"): RecordedOutput {
    return new RecordedOutput(() => this.#output(name));
  }

  /** How it came out. @throws `STEP_UNKNOWN` if the run has no such step, or it has not ended */
  async record(): Promise<StepRunRecord> {
    return (await import("./run-outputs.js")).stepOfRun(await this.#connect(), this.runId, this.id);
  }

  async #output(name: string): Promise<RecordedArtifact> {
    const { outputOfStep } = await import("./run-outputs.js");
    return new RecordedArtifact(await outputOfStep(await this.#connect(), this.runId, this.id, name), this.#connect);
  }
}
