import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import { inParallel } from "../artifacts/in-parallel.js";
import { locationTime } from "../artifacts/location.js";
import { removeAbandoned } from "../artifacts/scratch-directory.js";
import type { Ledger } from "../ledger/ledger.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import { driverAlive, driverName } from "../runtime/session.js";
import type { Connection } from "./connection.js";
import { listRuns } from "./runs.js";

export interface GarbageOptions {
  /** Do it. Without this nothing is changed, and what would be removed is returned. */
  readonly force?: boolean;
  /**
   * Bytes that no record names, and temporary files, are left alone until they are so many milliseconds old: they may
   * belong to something that is just being stored. By default an hour.
   */
  readonly olderThan?: number;
  /** Only versions of these artifacts and their bytes. */
  readonly artifacts?: readonly string[];
  /** For a collector on another machine that is known to be no more: do not wait for it. */
  readonly takeOver?: boolean;
}

/** What was removed, or would be. */
export interface Garbage {
  readonly removed: boolean;
  readonly artifacts: readonly { readonly id: string; readonly size: number }[];
  /** Places in the artifact store: those of artifacts that are removed, and those that no record names. */
  readonly places: number;
  /** In all places. */
  readonly bytes: number;
  /** Directories of processes that are no more. */
  readonly temporary: readonly string[];
}

interface Place {
  readonly location: string;
  readonly size: number;
}

const hour = 60 * 60 * 1000;
const placesAtOnce = 16;

export async function collectGarbage(connection: Connection, options: GarbageOptions): Promise<Garbage> {
  const { ledger } = connection;
  const { force = false, takeOver = false } = options;
  const vault = await connection.vault();
  if (!force) return collect(ledger, vault, options);
  const isGone = (driver: string) => takeOver || driverAlive(driver) === false;
  const unlock = await ledger.removal.lock.take(driverName(), isGone);
  try {
    return await collect(ledger, vault, options);
  } finally {
    await unlock();
  }
}

async function collect(
  ledger: Ledger,
  vault: ArtifactVault,
  { force = false, olderThan = hour, artifacts: names }: GarbageOptions,
): Promise<Garbage> {
  const { removal } = ledger;
  const artifacts: ArtifactVersionRecord[] = [];
  if (force) {
    await removal.runs.finish();
    artifacts.push(...(await removal.artifacts.finish()));
  }
  for await (const name of names ?? allNames(ledger)) {
    for (const one of await removal.artifacts.unheld(name)) {
      if (!force || (await removal.artifacts.remove(one))) artifacts.push(one);
    }
  }
  const ids = new Set(artifacts.map(({ name, version }) => `${name}@${version}`));
  if (force) await removal.artifacts.forgetCached(ids);
  const known = await removal.places.known(ids);
  const places = names
    ? placesOf(artifacts).filter(({ location }) => !known.named.has(location))
    : await unnamed(ledger, vault, known, olderThan);
  const free = await removal.places.withoutElements(new Set(places.map(({ location }) => location)));
  const garbage = places.filter(({ location }) => free.has(location));
  if (!names) garbage.push(...(await unusedBundles(ledger, vault)));
  const gone = force ? await discard(ledger, vault, garbage) : garbage;
  return {
    removed: force,
    artifacts: artifacts.map(({ name, version, size }) => ({ id: `${name}@${version}`, size })),
    places: gone.length,
    bytes: gone.reduce((sum, { size }) => sum + size, 0),
    temporary: names ? [] : await removeAbandoned(olderThan, force),
  };
}

/** What lies in the store without being named by an artifact that is there. */
async function unnamed(
  ledger: Ledger,
  vault: ArtifactVault,
  known: { readonly named: ReadonlySet<string>; readonly removed: ReadonlySet<string> },
  olderThan: number,
): Promise<Place[]> {
  const left = await ledger.removal.places.doomed();
  const running = (await oldestRunning(ledger)) - olderThan;
  const isAbandoned = (made: number) => made <= Date.now() - olderThan && made < running;
  const places: Place[] = [];
  for await (const place of vault.places()) {
    const { location } = place;
    const judged = left.delete(location) || known.removed.has(location);
    if (!known.named.has(location) && (judged || isAbandoned(locationTime(location) ?? 0))) places.push(place);
  }
  return places;
}

/** Code that was packed for runs which are not on record any more. One that begins now says so before it stores its own. */
async function unusedBundles(ledger: Ledger, vault: ArtifactVault): Promise<Place[]> {
  const bundles: Place[] = [];
  for await (const bundle of vault.bundles()) bundles.push(bundle);
  const used = new Set((await ledger.code.bundles()).map(({ digest }) => digest.replace(/^sha256:/, "")));
  return bundles.filter(({ location }) => !used.has(location.slice(location.lastIndexOf("/") + 1)));
}

/** What was stored since then may be an output that a step is about to commit. */
async function oldestRunning(ledger: Ledger): Promise<number> {
  const running = (await listRuns(ledger, { status: "running", limit: 1000 })).filter(({ brokeOff }) => !brokeOff);
  return Math.min(...running.map(({ created }) => Date.parse(created)));
}

async function discard(ledger: Ledger, vault: ArtifactVault, places: readonly Place[]): Promise<Place[]> {
  const { removal } = ledger;
  const gone = await inParallel(places, placesAtOnce, async (place) => {
    if (!(await removal.places.doom(place.location))) return [];
    await vault.discard(place.location);
    await removal.places.spare(place.location);
    return [place];
  });
  return gone.flat();
}

function placesOf(artifacts: readonly ArtifactVersionRecord[]): Place[] {
  const places = new Map<string, Place>();
  for (const artifact of artifacts) for (const one of artifact.elements ?? [artifact]) places.set(one.location, one);
  return [...places.values()];
}

async function* allNames(ledger: Ledger): AsyncIterable<string> {
  let after: string | undefined;
  for (;;) {
    const page = await ledger.artifactNames({ limit: 1000, ...(after === undefined ? {} : { after }) });
    yield* page;
    if (page.length < 1000) return;
    after = page.at(-1);
  }
}
