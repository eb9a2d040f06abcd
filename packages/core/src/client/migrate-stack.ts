import { inParallel } from "../artifacts/in-parallel.js";
import { headKey } from "../artifacts/manifest.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { LedgerTransfer, type NamedPlace, occupied, type TransferSurvey } from "../ledger/transfer.js";
import { driverAlive, driverName } from "../runtime/session.js";
import { refuseActiveRuns } from "./active-runs.js";
import { type NamedStack, type TransferOptions, TwoStacks } from "./two-stacks.js";

export interface MigrationOptions extends TransferOptions {
  /** Do it. Without this nothing is written, and what would be is returned. */
  readonly force?: boolean;
  /** Move the records of artifacts whose bytes are gone or damaged without their bytes, instead of moving nothing. */
  readonly skipDamaged?: boolean;
}

/** What was moved, or would be. */
export interface Migration {
  readonly moved: boolean;
  readonly from: string;
  readonly to: string;
  readonly runs: number;
  /** Versions. */
  readonly artifacts: number;
  readonly models: number;
  readonly records: Share;
  /** In the artifact store: an artifact has one place, one of a map has as many as elements. */
  readonly places: Share;
  /** Of the places that are not there yet. */
  readonly bytes: number;
  /** Artifacts whose bytes are gone or damaged: only found when they are copied, and there only with `skipDamaged`. */
  readonly damaged: readonly DamagedArtifact[];
}

export interface Share {
  readonly total: number;
  /** Those that are not there yet. */
  readonly missing: number;
}

export interface DamagedArtifact {
  /** An artifact's id, or the step whose element it is. */
  readonly artifact: string;
  readonly location: string;
  readonly error: { readonly code: string; readonly found: string };
}

const placesAtOnce = 8;
const looksAtOnce = 32;

/**
 * Copies everything that a project has in one stack to another, ids and versions included: bytes first, then records. What
 * is there already is left alone, so that a migration that broke off is continued by beginning it again. The first stack
 * stays as it is.
 */
export async function migrateStack(
  kernel: Kernel,
  from: NamedStack | undefined,
  to: NamedStack,
  options: MigrationOptions,
): Promise<Migration> {
  const stacks = await TwoStacks.open(kernel, from, to);
  if (options.force !== true) return (await prepare(stacks, options)).migration;
  const unlock = await lockBoth(stacks);
  let complete = true;
  try {
    const damaged = new Map<string, DamagedArtifact>();
    let first: Migration | undefined;
    for (;;) {
      const { transfer, survey, missing, migration } = await prepare(stacks, options);
      first ??= migration;
      await stacks.claim();
      for (const one of await copyPlaces(stacks, missing, options)) damaged.set(one.location, one);
      await copyPlans(stacks, options);
      complete = false;
      const copied = await copyRecords(transfer, survey, migration.bytes, options);
      // Else a run has left something meanwhile, whose bytes have not been copied.
      if (copied <= survey.records) break;
    }
    complete = true;
    return { ...first, moved: true, damaged: [...damaged.values()] };
  } finally {
    await unlock({ complete });
  }
}

async function prepare(stacks: TwoStacks, { verify = false, signal, onProgress }: MigrationOptions) {
  const { from, to, project, relocation } = stacks;
  await refuseActiveRuns(from.ledger, `moving from the stack '${from.name}'`);
  onProgress?.({ doing: "comparing", done: 0, total: 0, bytes: 0, totalBytes: 0 });
  const source = { store: from.metadata, id: from.ledger.id };
  const transfer = new LedgerTransfer(source, { store: to.metadata, id: to.ledger.id }, project, relocation);
  const survey = await transfer.survey();
  if (survey.conflicts.length > 0) throw occupied(survey.conflicts, to.name);
  const places = [...survey.places.values()];
  const there = await inParallel(places, looksAtOnce, async ({ location }) => {
    signal?.throwIfAborted();
    return (await to.artifacts.stat(headKey(stacks.there(location)))) !== undefined;
  });
  const absent = places.filter((_, place) => !there[place]);
  const { runs, artifacts, models } = survey;
  const migration: Migration = {
    moved: false,
    from: from.name,
    to: to.name,
    runs,
    artifacts,
    models,
    records: { total: survey.records, missing: survey.missing },
    places: { total: places.length, missing: absent.length },
    bytes: absent.reduce((sum, { size }) => sum + size, 0),
    damaged: [],
  };
  return { transfer, survey, missing: verify ? places : absent, migration };
}

/** All that are damaged are found before anything is said. */
async function copyPlaces(
  stacks: TwoStacks,
  places: readonly NamedPlace[],
  options: MigrationOptions,
): Promise<DamagedArtifact[]> {
  const { signal, onProgress, skipDamaged = false } = options;
  const totalBytes = places.reduce((sum, { size }) => sum + size, 0);
  const damaged: DamagedArtifact[] = [];
  let [done, bytes] = [0, 0];
  const progress = () => onProgress?.({ doing: "copying bytes", done, total: places.length, bytes, totalBytes });
  progress();
  await inParallel(places, placesAtOnce, async (place) => {
    signal?.throwIfAborted();
    try {
      await stacks.copyPlace(place, options, (count) => {
        bytes += count;
        progress();
      });
    } catch (error) {
      if (!isDamage(error)) throw error;
      // The cache does without what is gone.
      const gone = !place.needed && error.code === "ARTIFACT_MISSING";
      const { of: artifact, location } = place;
      if (!gone) damaged.push({ artifact, location, error: { code: error.code, found: error.found } });
    }
    done += 1;
    progress();
  });
  if (damaged.length > 0 && !skipDamaged) throw damage(stacks, damaged);
  return damaged;
}

function isDamage(error: unknown): error is TenonError {
  return TenonError.is(error, "ARTIFACT_CORRUPT") || TenonError.is(error, "ARTIFACT_MISSING");
}

/** They lie beside the artifacts too. */
async function copyPlans({ from, to, relocation }: TwoStacks, { signal }: MigrationOptions): Promise<void> {
  for (let after: string | undefined; ; ) {
    const page = await from.artifacts.list(`${relocation.from}plans/`, after === undefined ? {} : { after });
    await inParallel(page.entries, looksAtOnce, async ({ key }) => {
      signal?.throwIfAborted();
      const there = relocation.to + key.slice(relocation.from.length);
      if (await to.artifacts.stat(there)) return;
      await to.artifacts.write(there, from.artifacts.read(key), { ifAbsent: true });
    });
    after = page.next;
    if (after === undefined) return;
  }
}

async function copyRecords(
  transfer: LedgerTransfer,
  { records: total }: TransferSurvey,
  totalBytes: number,
  { onProgress, signal }: MigrationOptions,
): Promise<number> {
  let done = 0;
  await transfer.copy((count) => {
    signal?.throwIfAborted();
    done += count;
    onProgress?.({ doing: "copying records", done, total, bytes: totalBytes, totalBytes });
  });
  return done;
}

/**
 * No collector may take away what is about to be named, here or there. In the target the lock stays when this breaks off
 * with half of the records written: only the same migration, or `gc --take-over`, may go on then.
 */
async function lockBoth({ from, to }: TwoStacks) {
  const unlockSource = await from.ledger.removal.lock.take(driverName(), (driver) => driverAlive(driver) === false);
  const own = `migration of ${from.ledger.id}`;
  const isGone = (driver: string) => driver.startsWith(own) || driverAlive(driver) === false;
  const how = `${own} (to be finished by: tenon stack migrate ${from.name} ${to.name} --yes)`;
  let unlockTarget: () => Promise<void>;
  try {
    unlockTarget = await to.ledger.removal.lock.take(how, isGone);
  } catch (error) {
    await unlockSource();
    throw error;
  }
  return async ({ complete }: { readonly complete: boolean }) => {
    await unlockSource();
    if (complete) await unlockTarget();
  };
}

function damage({ from, to }: TwoStacks, damaged: readonly DamagedArtifact[]): TenonError {
  const lines = damaged.map(({ artifact, error }) => `\n  - ${artifact}: ${error.found}`);
  const [first] = damaged as [DamagedArtifact];
  return new TenonError(
    damaged.some(({ error }) => error.code === "ARTIFACT_CORRUPT") ? "ARTIFACT_CORRUPT" : "ARTIFACT_MISSING",
    {
      doing: `moving from the stack '${from.name}' to '${to.name}'`,
      found:
        damaged.length === 1
          ? `the bytes of ${first.artifact} cannot be moved: ${first.error.found}`
          : `the bytes of ${damaged.length} artifacts cannot be moved:${lines.join("")}\n`,
      fix: "Restore them from a copy, or delete the runs that made them; with --skip-damaged only their records are moved.",
      details: { damaged },
    },
  );
}
