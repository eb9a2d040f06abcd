import type { MetadataStore } from "../contracts/metadata-store.js";
import { ArtifactVersions } from "./artifact-versions.js";
import { Attempts } from "./attempts.js";
import { CacheIndex } from "./cache-index.js";
import { Checkpoints } from "./checkpoints.js";
import { Claims } from "./claims.js";
import { CodeRecords } from "./code-records.js";
import { Commits } from "./commit.js";
import { LastRuns } from "./expected-hits.js";
import { Holds } from "./holds.js";
import { Keys } from "./keys.js";
import { ModelLinks } from "./model-links.js";
import { Models } from "./models.js";
import { Pins } from "./pins.js";
import { Pulses } from "./pulses.js";
import { References } from "./references.js";
import { Removal } from "./removal.js";
import { Runs } from "./runs.js";
import { Sessions } from "./sessions.js";
import { StepLogs } from "./step-logs.js";
import { StepRuns } from "./step-runs.js";

/** What a ledger is put together from: what has a place of its own is public, the rest the ledger speaks for. */
export abstract class LedgerParts {
  protected readonly parts: {
    readonly store: MetadataStore;
    readonly keys: Keys;
    readonly sessions: Sessions;
    readonly runs: Runs;
    readonly attempts: Attempts;
    readonly versions: ArtifactVersions;
    readonly cache: CacheIndex;
    readonly stepRuns: StepRuns;
    readonly commits: Commits;
    readonly lastRuns: LastRuns;
  };
  /** Models, their versions and stages, and what belongs to them. */
  readonly models: Models;
  /** What the references of runs have been settled on. */
  readonly pins: Pins;
  /** What the code of runs was made of, and where it can be found again. */
  readonly code: CodeRecords;
  /** Finds what references mean. */
  readonly references: References;
  /** Says what runs use, before they use it, so that it is not removed beneath them. */
  readonly holds: Holds;
  /** What steps have kept on the way. */
  readonly checkpoints: Checkpoints;
  /** Which worker has a step, where there is no driver. */
  readonly claims: Claims;
  /** Signs of life of attempts and claims. */
  readonly pulses: Pulses;
  /** What steps on other machines write. */
  readonly logs: StepLogs;
  /** Takes records away that nothing refers to any more. */
  readonly removal: Removal;

  protected constructor(
    store: MetadataStore,
    /** Of the store: an artifact store is marked with it. */
    readonly id: string,
    readonly project: string,
  ) {
    const keys = new Keys(project);
    const sessions = new Sessions(store, keys);
    const versions = new ArtifactVersions(store, keys);
    const runs = new Runs(store, keys, sessions, versions);
    const attempts = new Attempts(store, keys);
    const cache = new CacheIndex(store, keys);
    const links = new ModelLinks(store, keys);
    const stepRuns = new StepRuns(store, keys, links);
    const commits = new Commits(store, keys, attempts, versions, stepRuns, cache);
    const lastRuns = new LastRuns(store, keys, cache, versions);
    this.parts = { store, keys, sessions, runs, attempts, versions, cache, stepRuns, commits, lastRuns };
    this.code = new CodeRecords(store, keys);
    this.pins = new Pins(store, keys, links);
    this.models = new Models(store, keys, this.pins, links);
    this.references = new References(versions, this.models, runs, stepRuns, this.pins);
    this.holds = new Holds(store, keys);
    this.checkpoints = new Checkpoints(store, keys);
    this.claims = new Claims(store, keys);
    this.pulses = new Pulses(store, keys);
    this.logs = new StepLogs(store, keys);
    this.removal = new Removal(store, keys, runs, sessions, attempts);
  }
}
