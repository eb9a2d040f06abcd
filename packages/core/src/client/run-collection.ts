import type { RunFilter } from "../ledger/runs.js";
import { Listing } from "./listing.js";
import { RecordedRun } from "./recorded-run.js";
import type { Connect } from "./references.js";
import type { RemovedRun } from "./remove-runs.js";
import type { Where } from "./where.js";

/** Which runs. Of several conditions one is looked up in its index, the others are checked run by run. */
export interface RunQuery extends Omit<RunFilter, "before" | "limit" | "since" | "until"> {
  /** Runs that were created at this time or later. */
  readonly since?: Date | string;
  /** Runs that were created before this time. */
  readonly until?: Date | string;
  /** By what steps have said about their run (`metadata.run`). No index answers this: the page says what was `scanned`. */
  readonly where?: Where;
}

/** The runs of a project, or of one pipeline. */
export class RunCollection<Outputs = Readonly<Record<string, unknown>>> {
  readonly #connect: Connect;
  readonly #pipeline: string | undefined;

  constructor(connect: Connect, pipeline?: string) {
    this.#connect = connect;
    this.#pipeline = pipeline;
  }

  /**
   * Newest first.
   *
   * @example const { items, next } = await client.runs.list({ status: "failed" }).page({ limit: 20 });
   */
  list(query: RunQuery = {}): Listing<RecordedRun<Outputs>> {
    return new Listing(async (request) => {
      const { queryRuns } = await import("./query-runs.js");
      const page = await queryRuns((await this.#connect()).ledger, { ...query, ...this.#own() }, request);
      return { ...page, items: page.items.map((run) => new RecordedRun<Outputs>(run, this.#connect)) };
    });
  }

  /**
   * A run by its id, by the beginning of its id, or `latest`.
   *
   * @throws `RUN_UNKNOWN` if there is none, or if several ids begin so
   */
  async get(reference: string): Promise<RecordedRun<Outputs>> {
    if (reference === "latest") return this.latest();
    const { findRun } = await import("./runs.js");
    return new RecordedRun(await findRun((await this.#connect()).ledger, reference), this.#connect);
  }

  /**
   * The newest run.
   *
   * @throws `RUN_UNKNOWN` if nothing has run yet; `PIPELINE_UNKNOWN` if no pipeline of that name has run
   */
  async latest(): Promise<RecordedRun<Outputs>> {
    const { findRun, latestRunOf } = await import("./runs.js");
    const { ledger } = await this.#connect();
    const found = await (this.#pipeline === undefined
      ? findRun(ledger, "latest")
      : latestRunOf(ledger, this.#pipeline));
    return new RecordedRun(found, this.#connect);
  }

  /**
   * Removes the records of runs, and this machine's logs of them. What they made stays until `collectGarbage` finds that
   * nothing else refers to it. Unless `force` says so, nothing is done and only what would be is returned.
   *
   * @throws `RUN_UNKNOWN`, `RUN_ACTIVE` for a run that goes on
   */
  async delete(
    runs: string | readonly string[] | RunQuery,
    options: { readonly force?: boolean } = {},
  ): Promise<readonly RemovedRun[]> {
    const { removeRuns } = await import("./remove-runs.js");
    const ids: string[] = [];
    if (typeof runs === "string" || Array.isArray(runs)) {
      for (const one of [runs].flat() as string[]) ids.push((await this.get(one)).id);
    } else for await (const run of this.list(runs as RunQuery)) if (run.status !== "running") ids.push(run.id);
    return removeRuns(await this.#connect(), ids, options);
  }

  #own(): { pipeline?: string } {
    return this.#pipeline === undefined ? {} : { pipeline: this.#pipeline };
  }
}
