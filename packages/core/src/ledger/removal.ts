import type { MetadataStore } from "../contracts/metadata-store.js";
import { ArtifactRemoval } from "./artifact-removal.js";
import type { Attempts } from "./attempts.js";
import { CollectorLock } from "./collector-lock.js";
import type { Keys } from "./keys.js";
import { LivingRuns } from "./living-runs.js";
import { PlaceRemoval } from "./place-removal.js";
import { RunRemoval } from "./run-removal.js";
import type { Runs } from "./runs.js";
import type { Sessions } from "./sessions.js";

/** Takes away what nothing refers to any more. Only one collector at a time works on artifacts and places. */
export class Removal {
  readonly runs: RunRemoval;
  readonly artifacts: ArtifactRemoval;
  readonly places: PlaceRemoval;
  readonly lock: CollectorLock;

  constructor(store: MetadataStore, keys: Keys, runs: Runs, sessions: Sessions, attempts: Attempts) {
    const living = new LivingRuns(store, keys);
    this.runs = new RunRemoval(store, keys, runs, sessions, attempts);
    this.artifacts = new ArtifactRemoval(store, keys, living);
    this.places = new PlaceRemoval(store, keys, living);
    this.lock = new CollectorLock(store, keys);
  }
}
