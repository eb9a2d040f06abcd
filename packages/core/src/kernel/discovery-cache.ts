import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { apiVersion } from "../contracts/integration.js";
import type { Discovery } from "./discovery.js";

/** A file as it was: its time of change and its size; both -1 if it was not there. */
export type Stamp = readonly [path: string, changedMs: number, size: number];

interface CachedDiscovery {
  /** What says that anything could have been installed or removed. */
  readonly stamps: readonly Stamp[];
  /** Manifests that can change without an installation. */
  readonly watched: readonly Stamp[];
  readonly discovery: Discovery;
}

const format = 1;

export function stampOf(path: string): Stamp {
  try {
    const { mtimeMs, size } = statSync(path);
    return [path, mtimeMs, size];
  } catch {
    return [path, -1, -1];
  }
}

/** What was found before, if everything that it rests on is as it was. */
export function readDiscoveryCache(stateDirectory: string, stamps: readonly Stamp[]): Discovery | undefined {
  try {
    const cached = JSON.parse(readFileSync(fileIn(stateDirectory), "utf8")) as CachedDiscovery & {
      format: number;
      api: string;
    };
    const valid =
      cached.format === format &&
      cached.api === apiVersion &&
      equalStamps(cached.stamps, stamps) &&
      cached.watched.every((stamp) => equalStamps([stamp], [stampOf(stamp[0])]));
    return valid ? cached.discovery : undefined;
  } catch {
    return undefined;
  }
}

/** A cache that cannot be written is no failure. Nothing is written where there is no state directory yet. */
export function writeDiscoveryCache(stateDirectory: string, content: CachedDiscovery): void {
  if (!existsSync(stateDirectory)) return;
  const file = fileIn(stateDirectory);
  const temporary = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, JSON.stringify({ format, api: apiVersion, ...content }));
    renameSync(temporary, file);
  } catch {
    // The next process scans again.
  }
}

function fileIn(stateDirectory: string): string {
  return join(stateDirectory, "cache", "integrations.json");
}

function equalStamps(a: readonly Stamp[], b: readonly Stamp[]): boolean {
  return a.length === b.length && a.every((stamp, index) => stamp.every((part, at) => part === b[index]?.[at]));
}
