import { encodeTime } from "ulid";
import type { JsonValue } from "../contracts/json.js";
import type { Ledger } from "../ledger/ledger.js";
import { nameLatest } from "./artifacts.js";
import type { Page, PageRequest } from "./listing.js";
import type { RunQuery } from "./run-collection.js";
import { listRuns, type ReadRun } from "./runs.js";
import { fitsWhere, scanPage } from "./where.js";

/** One page of runs, newest first. */
export async function queryRuns(
  ledger: Ledger,
  { where, since, until, ...query }: RunQuery,
  request: PageRequest & { readonly limit: number },
): Promise<Page<ReadRun>> {
  const artifact = query.artifact === undefined ? undefined : await nameLatest(ledger, query.artifact);
  const filter = {
    ...query,
    ...(artifact === undefined ? {} : { artifact }),
    ...(since === undefined ? {} : { since: firstIdAt(since) }),
  };
  const newest = until === undefined ? undefined : firstIdAt(until);
  const page = async (after: string | undefined, limit: number) => {
    const before = after ?? newest;
    const items = await listRuns(ledger, { ...filter, limit, ...(before === undefined ? {} : { before }) });
    const last = items.length < limit ? undefined : items.at(-1)?.id;
    return last === undefined ? { items } : { items, next: last };
  };
  if (where === undefined) return page(request.after, request.limit);
  const fits = async ({ id }: ReadRun) =>
    fitsWhere((await ledger.runMetadata(id)) as Readonly<Record<string, JsonValue>>, where);
  return scanPage(request, page, fits, ({ id }) => id);
}

/** Ids sort by time: no run that was created earlier has a greater one. */
function firstIdAt(time: Date | string): string {
  return `${encodeTime(new Date(time).getTime())}${"0".repeat(16)}`;
}
