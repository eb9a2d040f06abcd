import type { MetadataRecord, MetadataStore } from "../contracts/metadata-store.js";
import { parseArtifactId } from "./artifact-versions.js";
import type { Keys } from "./keys.js";
import type { ModelLinks } from "./model-links.js";
import type { ResolvedInput, StepRunRecord } from "./records.js";
import { parse, record, scanAll } from "./text.js";

/** A step of a run that took an artifact. */
export interface Consumer {
  readonly runId: string;
  readonly stepId: string;
  /** The names of the inputs that took it. */
  readonly inputs: readonly string[];
}

/**
 * How the steps of runs came out. A step that succeeded or was cached is done for good; one that failed or was skipped
 * is so for a session, and a later session may say otherwise.
 */
export class StepRuns {
  readonly #store: MetadataStore;
  readonly #keys: Keys;
  readonly #models: ModelLinks;

  constructor(store: MetadataStore, keys: Keys, models: ModelLinks) {
    this.#store = store;
    this.#keys = keys;
    this.#models = models;
  }

  doneKey(runId: string, stepId: string): string {
    return this.#keys.stepDone(runId, stepId);
  }

  /** What has to be inserted for a step's outcome to be known, from its inputs' side too. */
  records(step: StepRunRecord, session: number): MetadataRecord[] {
    const { runId, stepId } = step;
    if (!isDone(step)) return [record(this.#keys.stepGivenUp(runId, stepId, session), step)];
    const records = [record(this.#keys.stepDone(runId, stepId), step), ...this.#models.ofStep(step)];
    for (const [id, inputs] of consumed(step.inputs)) {
      const { name, version } = parseArtifactId(id);
      const consumer: Consumer = { runId, stepId, inputs };
      records.push(record(this.#keys.consumer(name, version, runId, stepId), consumer));
    }
    return records;
  }

  /** Records outcomes in one write. Returns the ids of those steps whose outcome others had recorded before. */
  async save(steps: readonly StepRunRecord[], session: number): Promise<string[]> {
    const standing: string[] = [];
    let open = steps.map((step) => ({ step, records: this.records(step, session) }));
    while (open.length > 0) {
      const result = await this.#store.insert(open.flatMap(({ records }) => records));
      if (result.inserted) break;
      const taken = new Set(result.existing);
      const blocked = open.filter(({ records }) => records.some(({ key }) => taken.has(key)));
      standing.push(...blocked.map(({ step }) => step.stepId));
      open = open.filter((one) => !blocked.includes(one));
    }
    return standing;
  }

  async get(runId: string, stepId: string): Promise<StepRunRecord | undefined> {
    const [last] = await this.#store.scan(this.#keys.stepRuns(runId, stepId), { reverse: true, limit: 1 });
    return last && parse<StepRunRecord>(last.key, last.value);
  }

  /**
   * In the order in which they started.
   *
   * @param session what earlier ones have given up is left out
   */
  async list(runId: string, session?: number): Promise<StepRunRecord[]> {
    const latest = new Map<string, StepRunRecord>();
    for (const { key, value } of await scanAll(this.#store, this.#keys.stepRuns(runId))) {
      const [place, by] = [key.slice(0, key.lastIndexOf("/")), key.slice(key.lastIndexOf("/") + 1)];
      if (session !== undefined && by !== "done" && Number(by) !== session) continue;
      latest.set(place, parse<StepRunRecord>(key, value));
    }
    return [...latest.values()].sort((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0));
  }

  /** In the order of runs. */
  async consumers(artifactId: string): Promise<Consumer[]> {
    const { name, version } = parseArtifactId(artifactId);
    const found = await scanAll(this.#store, this.#keys.consumers(name, version));
    return found.map(({ key, value }) => parse<Consumer>(key, value));
  }
}

function isDone({ status }: StepRunRecord): boolean {
  return status === "succeeded" || status === "cached";
}

/** Artifact ids with the names of the inputs that they are in. */
function consumed(inputs: Readonly<Record<string, ResolvedInput>>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const visit = (name: string, input: ResolvedInput): void => {
    if ("list" in input) for (const item of input.list) visit(name, item);
    else if (input.artifact !== undefined) {
      const names = found.get(input.artifact);
      if (names === undefined) found.set(input.artifact, [name]);
      else if (names.at(-1) !== name) names.push(name);
    }
  };
  for (const [name, input] of Object.entries(inputs)) visit(name, input);
  return found;
}
