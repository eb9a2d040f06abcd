import type { JsonObject } from "../contracts/json.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { NewArtifactVersion } from "./artifact-versions.js";
import type { AttemptSummary, Attempts } from "./attempts.js";
import type { CacheEntry } from "./cache-index.js";
import type { CommitResult, StepCommit } from "./commit.js";
import type { ExpectedHits } from "./expected-hits.js";
import { openFormat } from "./format.js";
import { LedgerParts } from "./ledger-parts.js";
import type {
  ArtifactVersionRecord,
  AttemptEnd,
  AttemptRecord,
  RunRecord,
  SessionEnd,
  SessionRecord,
  StepRunRecord,
} from "./records.js";
import type { RunFilter, RunSummary } from "./runs.js";
import type { Lease } from "./sessions.js";
import type { Consumer } from "./step-runs.js";

export type {
  ArtifactVersionRecord,
  AttemptSummary,
  CacheEntry,
  CommitResult,
  Consumer,
  ExpectedHits,
  Lease,
  NewArtifactVersion,
  RunFilter,
  RunSummary,
  StepCommit,
};

/**
 * What a project knows about its runs and artifacts, over any metadata store. Whatever several processes could say
 * differently is settled by an insert: the first one stands.
 *
 * @example
 * const ledger = await Ledger.open(store, { project: "penguins" });
 * const [latest] = await ledger.runs({ pipeline: "penguins", limit: 1 });
 */
export class Ledger extends LedgerParts {
  /** @throws STORE_TOO_NEW if a newer version of Tenon wrote the store; STORE_CORRUPT if something else did. */
  static async open(store: MetadataStore, { project }: { readonly project: string }): Promise<Ledger> {
    return new Ledger(store, (await openFormat(store)).ledger, project);
  }

  // Plans

  async savePlan(digest: string, text: string): Promise<void> {
    const key = this.parts.keys.plan(digest);
    if ((await this.parts.store.get(key)) === undefined) await this.parts.store.insert([{ key, value: text }]);
  }

  async plan(digest: string): Promise<string | undefined> {
    return await this.parts.store.get(this.parts.keys.plan(digest));
  }

  // Runs

  /** With a driver's name the first session begins in the same write, and is returned. */
  startRun(run: RunRecord, driver: string): Promise<SessionRecord>;
  startRun(run: RunRecord): Promise<undefined>;
  async startRun(run: RunRecord, driver?: string): Promise<SessionRecord | undefined> {
    return await this.parts.runs.start(run, driver);
  }

  async run(id: string): Promise<RunSummary | undefined> {
    return await this.parts.runs.get(id);
  }

  /** Newest first. */
  async runs(filter: RunFilter = {}): Promise<RunSummary[]> {
    return await this.parts.runs.list(filter);
  }

  /** Runs whose id begins so, newest first, at most ten. */
  async findRuns(idPrefix: string): Promise<RunSummary[]> {
    return await this.parts.runs.find(idPrefix);
  }

  /** The names of all pipelines that have ever run, in order. */
  async pipelines(): Promise<string[]> {
    return await this.parts.runs.pipelines();
  }

  // Sessions

  /**
   * @param after the number of the session that is taken over, for a caller who has judged that one; 0 for none
   * @throws RUN_LEASE_LOST if another driver takes the run over at the same time, and was faster.
   */
  async beginSession(runId: string, driver: string, after?: number): Promise<SessionRecord> {
    return await this.parts.sessions.begin(runId, driver, after);
  }

  /** The latest session of a run, ended or not. */
  async latestSession(runId: string): Promise<SessionRecord | undefined> {
    return (await this.parts.sessions.latest(runId))?.session;
  }

  /** Says that the session's driver is alive. */
  async beat(runId: string, session: number): Promise<void> {
    await this.parts.sessions.beat(runId, session);
  }

  /** The latest sign of life; `undefined` before the first. */
  async lease(runId: string): Promise<Lease | undefined> {
    return await this.parts.sessions.lease(runId);
  }

  /** False if the session has ended already, by itself or by a takeover. */
  async endSession(runId: string, number: number, end: SessionEnd): Promise<boolean> {
    await this.parts.attempts.flush();
    const run = this.parts.lastRuns.hasUsed(runId) ? await this.parts.runs.record(runId) : undefined;
    const [ended] = await Promise.all([
      this.parts.sessions.end(runId, number, end),
      run && this.parts.lastRuns.save(run),
    ]);
    return ended;
  }

  /** Asks the run's present session to stop. */
  async requestCancel(runId: string): Promise<void> {
    await this.parts.sessions.requestCancel(runId);
  }

  /** One read if the session is given, or was begun by this process. */
  async cancelRequested(runId: string, session?: number): Promise<boolean> {
    return await this.parts.sessions.cancelRequested(runId, session);
  }

  // Attempts

  /** False if it was started before. Need not be awaited: whatever ends the attempt waits for it, and fails if it did. */
  startAttempt(attempt: AttemptRecord): Promise<boolean> {
    return this.parts.attempts.start([attempt]);
  }

  /**
   * For an attempt in this very process: its start is written together with its end, or by itself if that takes longer
   * than 50 ms. Spares short steps a write.
   */
  noteAttempt(attempt: AttemptRecord): void {
    this.parts.attempts.note(attempt);
  }

  /** In one write, all or none. */
  startAttempts(attempts: readonly AttemptRecord[]): Promise<boolean> {
    return this.parts.attempts.start(attempts);
  }

  /** How an engine knows attempts, so that another driver can ask it about them. */
  async noteLaunches(runId: string, launches: Parameters<Attempts["noteLaunches"]>[1]): Promise<void> {
    await this.parts.attempts.noteLaunches(runId, launches);
  }

  /** False if it has ended already: committed, or given up. */
  async endAttempt(runId: string, stepId: string, number: number, end: AttemptEnd): Promise<boolean> {
    return await this.parts.attempts.end(runId, stepId, number, end);
  }

  /** For each of a run's attempts whether it has ended, in one read. */
  async haveEnded(runId: string, attempts: Parameters<Attempts["haveEnded"]>[1]): Promise<readonly boolean[]> {
    return await this.parts.attempts.haveEnded(runId, attempts);
  }

  async attempt(runId: string, stepId: string, number: number): Promise<AttemptSummary | undefined> {
    return await this.parts.attempts.get(runId, stepId, number);
  }

  /** Of one step, or of all steps of the run. */
  async attempts(runId: string, stepId?: string): Promise<AttemptSummary[]> {
    return await this.parts.attempts.list(runId, stepId);
  }

  // Steps

  /** One atomic write. Not committed if the attempt had ended, or another attempt had committed the step. */
  async commitStep(commit: StepCommit): Promise<CommitResult> {
    const result = await this.parts.commits.commit(commit);
    if (result.committed) this.parts.lastRuns.used(commit.step.runId, commit.cacheKey);
    return result;
  }

  /**
   * For steps that were cached, skipped, failed or cancelled: one write for all of them. What failed, was skipped or
   * cancelled counts for the session, by default the present one of the run, and a later session may say otherwise.
   * Returns the ids of those steps whose outcome was on record before.
   */
  async recordSteps(steps: readonly StepRunRecord[], session?: number): Promise<string[]> {
    const [first] = steps;
    if (first === undefined) return [];
    for (const step of steps) if (step.status === "cached") this.parts.lastRuns.used(step.runId, step.cacheKey);
    return await this.parts.stepRuns.save(steps, session ?? (await this.parts.sessions.current(first.runId)));
  }

  /** For a step that a process other than this one committed, so that the next run can expect to find it. */
  noteCacheKey(runId: string, cacheKey: string): void {
    this.parts.lastRuns.used(runId, cacheKey);
  }

  async stepRun(runId: string, stepId: string): Promise<StepRunRecord | undefined> {
    return await this.parts.stepRuns.get(runId, stepId);
  }

  /** The runs that use what a run has made, itself not among them. */
  async usersOfRun(runId: string): Promise<string[]> {
    return await this.holds.usersOfRun(runId);
  }

  /** Several at once, in the order of the ids. */
  async runSummaries(ids: readonly string[]): Promise<(RunSummary | undefined)[]> {
    return await this.parts.runs.summaries(ids);
  }

  /** The outcome of each step that has one, in the order in which they started; with a session, what it says. */
  async stepRuns(runId: string, session?: number): Promise<StepRunRecord[]> {
    return await this.parts.stepRuns.list(runId, session);
  }

  /** What the steps of a run have said about the run; of one name the latest. */
  async runMetadata(runId: string): Promise<JsonObject> {
    return Object.assign({}, ...(await this.stepRuns(runId)).map((step) => step.runMetadata ?? {})) as JsonObject;
  }

  // Cache

  /** In the order of the keys. */
  async cached(cacheKeys: readonly string[]): Promise<(CacheEntry | undefined)[]> {
    return await this.parts.cache.find(cacheKeys);
  }

  /**
   * To be awaited before steps of these fingerprints are committed. Returns those of which no step is in the cache, but for
   * what this run, and others that go on at the same time, put there from now on.
   */
  async openCache(fingerprints: readonly string[]): Promise<ReadonlySet<string>> {
    return await this.parts.cache.open(fingerprints);
  }

  /** Whether a run has used a cache key, as far as this process knows. */
  hasUsed(runId: string, cacheKey: string): boolean {
    return this.parts.lastRuns.hasUsed(runId, cacheKey);
  }

  /** What the last run of the plan, or else of the pipeline, went by: three queries, however many steps there are. */
  async expectedHits(plan: string, pipeline: string): Promise<ExpectedHits> {
    return await this.parts.lastRuns.expect(plan, pipeline);
  }

  async forgetCached(cacheKey: string): Promise<void> {
    await this.parts.cache.forget(cacheKey);
  }

  // Artifacts

  /** The numbers of these artifacts' next versions are looked up all at once, when the first of them is committed. */
  expectArtifacts(names: readonly string[]): void {
    this.parts.versions.expect(names);
  }

  /** For what comes from outside a step. Equal content under an equal name is the version that is there, unless `again`. */
  async addArtifact(
    artifact: NewArtifactVersion,
    options: { readonly again?: boolean } = {},
  ): Promise<ArtifactVersionRecord> {
    return await this.parts.versions.add(artifact, options);
  }

  /** The versions that `addArtifact` would return instead of adding; `undefined` where it would add one. */
  async artifactsWithContent(
    wanted: readonly { readonly name: string; readonly digest: string }[],
  ): Promise<(ArtifactVersionRecord | undefined)[]> {
    return await this.parts.versions.withContent(wanted);
  }

  /** By `name@version`. */
  async artifact(id: string): Promise<ArtifactVersionRecord | undefined> {
    return await this.parts.versions.get(id);
  }

  /** In the order of the ids. */
  async artifacts(ids: readonly string[]): Promise<(ArtifactVersionRecord | undefined)[]> {
    return await this.parts.versions.getMany(ids);
  }

  /** In the order of the names. A handful of reads, however many names and versions there are. */
  async latestArtifacts(names: readonly string[]): Promise<(ArtifactVersionRecord | undefined)[]> {
    return await this.parts.versions.latestOf(names);
  }

  /** The newest version that was not removed. */
  async latestArtifact(name: string): Promise<ArtifactVersionRecord | undefined> {
    return await this.parts.versions.latest(name);
  }

  /** Newest first; `before` is a version's number. */
  async artifactVersions(
    name: string,
    page: { readonly before?: number; readonly limit?: number } = {},
  ): Promise<ArtifactVersionRecord[]> {
    return await this.parts.versions.list(name, page);
  }

  /** In order. */
  async artifactNames(page: { readonly after?: string; readonly limit?: number } = {}): Promise<string[]> {
    return await this.parts.versions.names(page);
  }

  /** The steps that took an artifact, over all runs. */
  async consumers(artifactId: string): Promise<Consumer[]> {
    return await this.parts.stepRuns.consumers(artifactId);
  }
}
