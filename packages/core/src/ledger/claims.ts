import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Keys } from "./keys.js";
import { insertOnce, parse, read, record, scanAll } from "./text.js";

/** A worker's hold on a step that it carries out without a driver. */
export interface Claim {
  readonly runId: string;
  readonly stepId: string;
  /** Of all claims on the step: 1 for the first. */
  readonly number: number;
  /** Who holds it. */
  readonly worker: string;
  readonly started: string;
}

export type ClaimAnswer =
  | { readonly mine: true; readonly claim: Claim }
  /** Somebody else holds it. Whether he lives, his pulse shows. */
  | { readonly mine: false; readonly claim: Claim };

/** Which worker has a step, where several take the steps of one run. Settled by who first inserts the next number. */
export class Claims {
  constructor(
    private readonly store: MetadataStore,
    private readonly keys: Keys,
  ) {}

  /** @param lost a claim whose holder is dead: it is ended by the new one */
  async take(runId: string, stepId: string, worker: string, lost?: Claim): Promise<ClaimAnswer> {
    for (;;) {
      const latest = await this.latest(runId, stepId);
      if (latest && !latest.ended && latest.claim.number !== lost?.number) return { mine: false, claim: latest.claim };
      const number = (latest?.claim.number ?? 0) + 1;
      const claim: Claim = { runId, stepId, number, worker, started: new Date().toISOString() };
      const start = record(this.keys.claimStart(runId, stepId, number), claim);
      // Whose claim is taken over has lost it in the same write, and cannot give it back a second time.
      const end = latest && !latest.ended ? [this.#end(latest.claim)] : [];
      if (await insertOnce(this.store, [start, ...end])) return { mine: true, claim };
    }
  }

  async latest(runId: string, stepId: string): Promise<{ claim: Claim; ended: boolean } | undefined> {
    // `…/start` sorts after `…/end`.
    const [start, before] = await this.store.scan(this.keys.claims(runId, stepId), { reverse: true, limit: 2 });
    if (start === undefined) return undefined;
    const claim = parse<Claim>(start.key, start.value);
    return { claim, ended: before?.key === this.keys.claimEnd(runId, stepId, claim.number) };
  }

  /** Those of a run that are held, in the order of steps. */
  async open(runId: string): Promise<Claim[]> {
    const found = await scanAll(this.store, this.keys.claims(runId));
    const ended = new Set(found.flatMap(({ key }) => (key.endsWith("/end") ? [key.slice(0, -"end".length)] : [])));
    const starts = found.filter(({ key }) => key.endsWith("/start") && !ended.has(key.slice(0, -"start".length)));
    return starts.map(({ key, value }) => parse<Claim>(key, value));
  }

  /** False once it was given back, or somebody has taken it over. */
  async holds({ runId, stepId, number }: Pick<Claim, "runId" | "stepId" | "number">): Promise<boolean> {
    return (await read(this.store, this.keys.claimEnd(runId, stepId, number))) === undefined;
  }

  /** False if somebody had taken it over. */
  async release(claim: Claim): Promise<boolean> {
    return insertOnce(this.store, [this.#end(claim)]);
  }

  #end({ runId, stepId, number }: Claim) {
    return record(this.keys.claimEnd(runId, stepId, number), { ended: new Date().toISOString() });
  }
}
