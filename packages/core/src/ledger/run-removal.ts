import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import { parseArtifactId } from "./artifact-versions.js";
import type { Attempts } from "./attempts.js";
import type { Keys } from "./keys.js";
import type { ModelRun } from "./model-links.js";
import type { Pin } from "./pins.js";
import type { ArtifactVersionRecord, ResolvedInput, RunRecord, SessionEnd, StepRunRecord } from "./records.js";
import type { Runs } from "./runs.js";
import { deletion, type Sessions } from "./sessions.js";
import { parse, readMany, record, scanAll } from "./text.js";

interface DeletedRun {
  readonly runId: string;
  readonly deleted: string;
  /** False while some of its records may still be there. */
  readonly complete: boolean;
}

const statuses = ["running", "succeeded", "failed", "cancelled"] as const;

/** Deletes runs. From one write on a run is not there any more; what it leaves behind until the rest is deleted holds nothing. */
export class RunRemoval {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
    private readonly runs: Runs,
    private readonly sessions: Sessions,
    private readonly attempts: Attempts,
  ) {}

  /** @throws `RUN_UNKNOWN`; `RUN_ACTIVE` if a driver begins with it at this moment */
  async remove(runId: string): Promise<void> {
    const run = await this.runs.get(runId);
    if (!run) throw new TenonError("RUN_UNKNOWN", { doing: `deleting run ${runId}`, found: "it is not on record" });
    const now = new Date().toISOString();
    const latest = await this.sessions.latest(runId);
    const number = (latest?.session.number ?? 0) + 1;
    const end: SessionEnd = latest?.end ?? { status: "failed", ended: now, durationMs: 0 };
    const mark = record(this.keys.deletedRun(runId), { runId, deleted: now, complete: false } satisfies DeletedRun);
    // A session of its own, so that whoever resumes the run at this moment loses, or wins.
    const session = [
      record(this.keys.sessionStart(runId, number), { runId, number, driver: deletion, started: now }),
      record(this.keys.sessionEnd(runId, number), end),
    ];
    const result = await this.store.insert([mark, ...session]);
    if (!result.inserted && !result.existing.includes(mark.key)) {
      throw new TenonError("RUN_ACTIVE", {
        doing: `deleting run ${runId}`,
        found: "somebody goes on with it at this moment",
        fix: `Cancel it first: tenon run cancel ${runId}`,
      });
    }
    await this.#forget(run);
    await this.#sweep(runId);
  }

  /** Deletes what deletions that were killed have left. Returns the ids of the runs. */
  async finish(): Promise<string[]> {
    const finished: string[] = [];
    for (const { key, value } of await scanAll(this.store, this.keys.deletedRuns())) {
      const { runId, complete } = parse<DeletedRun>(key, value);
      if (complete) continue;
      const run = await this.runs.record(runId);
      if (run) await this.#forget(run);
      await this.#sweep(runId);
      finished.push(runId);
    }
    return finished;
  }

  /** The run and every list that it stands in, at once. */
  async #forget({ id, pipeline, tags }: RunRecord): Promise<void> {
    const number = (await this.sessions.latest(id))?.session.number ?? 0;
    const states = Array.from({ length: number + 1 }, (_, session) =>
      statuses.map((status) => this.keys.runStatus(status, id, session)),
    );
    const models = await this.#models(id);
    await this.store.delete([
      this.keys.run(id),
      `${this.keys.runsOf(pipeline)}${id}`,
      ...tags.map((tag) => `${this.keys.runsTagged(tag)}${id}`),
      ...states.flat(),
      ...models.map((link) => this.keys.runOfModel(link.name, link.number, id, link.role)),
    ]);
  }

  /** Everything else. What the records are found by goes last. */
  async #sweep(runId: string): Promise<void> {
    const revoked = new Set<string>();
    const now = new Date().toISOString();
    for (const { stepId, number, started, end } of await this.attempts.list(runId)) {
      if (end !== undefined && end.outcome !== "revoked") continue;
      const durationMs = Math.max(0, Date.parse(now) - Date.parse(started));
      // It stays: a process that still works on the attempt must not be able to commit it.
      revoked.add(this.keys.attemptEnd(runId, stepId, number));
      if (!end) await this.attempts.end(runId, stepId, number, { outcome: "revoked", ended: now, durationMs });
    }
    const steps = (await scanAll(this.store, this.keys.stepRuns(runId))).map(({ key, value }) =>
      parse<StepRunRecord>(key, value),
    );
    const pins = (await scanAll(this.store, this.keys.pins(runId))).map(({ key, value }) => parse<Pin>(key, value));
    const models = await this.#models(runId);
    await this.#delete(await this.#edges(runId, steps, pins));
    await this.#delete(models.flatMap((link) => this.keys.modelRun(link.name, link.number, runId, link.role)));
    await this.#delete(
      models.flatMap((link) => this.keys.modelOfRun(runId, `${link.name}@${link.version}`, link.role)),
    );
    const last = (await this.sessions.latest(runId))?.session.number;
    const kept = new Set([...revoked, ...(last === undefined ? [] : [this.keys.sessionStart(runId, last)])]);
    const { keys } = this;
    const prefixes = [keys.pins(runId), keys.beats(runId), keys.cancels(runId), keys.attempts(runId)];
    prefixes.push(keys.claims(runId), keys.pulses(runId), keys.logs(runId));
    for (const prefix of [
      ...prefixes,
      keys.runSources(runId),
      keys.runBundles(runId),
      keys.stepRuns(runId),
      keys.sessions(runId),
    ]) {
      const found = (await scanAll(this.store, prefix)).map(({ key }) => key);
      await this.#delete(found.filter((key) => !kept.has(key)));
    }
    const done: DeletedRun = { runId, deleted: now, complete: true };
    await this.store.put([record(keys.deletedRun(runId), done)]);
  }

  /** What points to the run from the side of artifacts. */
  async #edges(runId: string, steps: readonly StepRunRecord[], pins: readonly Pin[]): Promise<string[]> {
    const found: string[] = [];
    const used = new Set(pins.flatMap(({ artifact }) => artifact ?? []));
    for (const { stepId, inputs, outputs, elements } of steps) {
      for (const id of Object.values(inputs).flatMap(artifactsIn)) {
        const { name, version } = parseArtifactId(id);
        found.push(this.keys.consumer(name, version, runId, stepId));
        used.add(id);
      }
      for (const id of Object.values(outputs)) used.add(id);
      for (const { location } of Object.values(elements ?? {})) found.push(this.keys.heldPlace(location, runId));
    }
    const places = [...used].map(parseArtifactId);
    found.push(...places.map(({ name, version }) => this.keys.pinned(name, version, runId)));
    const numbered = places.filter(({ version }) => /^\d+$/.test(version));
    const records = await readMany<ArtifactVersionRecord>(
      this.store,
      numbered.map(({ name, version }) => this.keys.version(name, Number(version))),
    );
    for (const one of records) if (one?.producer) found.push(this.keys.userOfRun(one.producer.runId, runId));
    return [...new Set(found)];
  }

  async #models(runId: string): Promise<ModelRun[]> {
    const links = await scanAll(this.store, this.keys.modelsOfRun(runId));
    return links.map(({ key, value }) => parse<ModelRun>(key, value));
  }

  async #delete(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += 500) await this.store.delete(keys.slice(start, start + 500));
  }
}

export function artifactsIn(input: ResolvedInput): string[] {
  if ("list" in input) return input.list.flatMap(artifactsIn);
  return input.artifact === undefined ? [] : [input.artifact];
}
