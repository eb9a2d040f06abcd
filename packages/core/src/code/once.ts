import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";

const TURN_MS = 250;
const BEAT_MS = 2_000;
/** A lock whose holder has not moved it for so long, as the one who waits sees it, is nobody's. */
const ABANDONED_MS = 20_000;

/**
 * Makes a directory that many processes, on many machines over a shared file system, may want at once: one of them
 * makes it beside its place and moves it there when it is whole, the others wait. Should two ever make it at the same
 * time, one of the two results is taken.
 *
 * @returns true if this call made it
 */
export async function makeOnce(
  place: string,
  make: (draft: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  if (await exists(place)) return false;
  await mkdir(dirname(place), { recursive: true });
  const unlock = await lock(`${place}.lock`, () => exists(place), signal);
  if (!unlock) return false;
  const draft = `${place}.${randomBytes(6).toString("hex")}`;
  try {
    if (await exists(place)) return false;
    await removeDrafts(place);
    await mkdir(draft);
    await make(draft);
    await rename(draft, place);
    return true;
  } catch (error) {
    // Another one, who took this one for dead, may have been faster.
    if (await exists(place)) return false;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
    await unlock();
  }
}

/** Resolves to nothing if meanwhile there is no more need for it. */
async function lock(
  name: string,
  isDone: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<(() => Promise<void>) | undefined> {
  let seen: number | undefined;
  let since = performance.now();
  for (;;) {
    signal?.throwIfAborted();
    try {
      await mkdir(name);
      const beat = setInterval(() => void utimes(name, new Date(), new Date()).catch(() => {}), BEAT_MS);
      beat.unref();
      return async () => {
        clearInterval(beat);
        await rm(name, { recursive: true, force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    await setTimeout(TURN_MS, undefined, signal ? { signal } : {});
    if (await isDone()) return undefined;
    const moved = await stat(name).then(
      ({ mtimeMs }) => mtimeMs,
      () => undefined,
    );
    if (moved !== seen) [seen, since] = [moved, performance.now()];
    else if (performance.now() - since > ABANDONED_MS) await rm(name, { recursive: true, force: true });
  }
}

/** Those that were killed left theirs behind. */
async function removeDrafts(place: string): Promise<void> {
  const name = `${basename(place)}.`;
  for (const entry of await readdir(dirname(place))) {
    if (!entry.startsWith(name) || !/^[0-9a-f]{12}$/.test(entry.slice(name.length))) continue;
    await rm(join(dirname(place), entry), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
