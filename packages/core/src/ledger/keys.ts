import { hash } from "node:crypto";
import type { RunStatus } from "../contracts/hooks.js";
import { keyPart } from "./names.js";

/** Holds the format's version and the ledger's id; the one key outside any project. */
export const formatKey = "tenon";

/** Where a project's records lie. No other file knows how a key is put together. */
export class Keys {
  readonly #root: string;

  constructor(project: string) {
    this.#root = `p/${keyPart("project", project)}/`;
  }

  /** Of everything that belongs to the project. */
  all = () => this.#root;
  plan = (digest: string) => `${this.#root}plan/${keyPart("artifact", digest)}`;

  runs = () => `${this.#root}run/`;
  run = (id: string) => `${this.#root}run/${keyPart("run", id)}`;
  pipelines = () => `${this.#root}run-of/`;
  runsOf = (pipeline: string) => `${this.#root}run-of/${keyPart("pipeline", pipeline)}/`;
  runsTagged = (tag: string) => `${this.#root}run-tag/${keyPart("tag", tag)}/`;
  runsThatAre = (status: RunStatus) => `${this.#root}run-status/${status}/`;
  runStatus = (status: RunStatus, id: string, session: number) =>
    `${this.runsThatAre(status)}${keyPart("run", id)}/${padded(session, 6)}`;

  sessions = (runId: string) => `${this.#root}session/${keyPart("run", runId)}/`;
  sessionStart = (runId: string, number: number) => `${this.sessions(runId)}${padded(number, 6)}/start`;
  sessionEnd = (runId: string, number: number) => `${this.sessions(runId)}${padded(number, 6)}/end`;
  beats = (runId: string) => `${this.#root}beat/${keyPart("run", runId)}/`;
  beat = (runId: string, session: number) => `${this.beats(runId)}${padded(session, 6)}`;
  cancels = (runId: string) => `${this.#root}cancel/${keyPart("run", runId)}/`;
  cancel = (runId: string, session: number) => `${this.cancels(runId)}${padded(session, 6)}`;

  attempts = (runId: string, stepId?: string) =>
    `${this.#root}attempt/${keyPart("run", runId)}/${stepId === undefined ? "" : `${keyPart("step", stepId)}/`}`;
  attemptStart = (runId: string, stepId: string, number: number) =>
    `${this.attempts(runId, stepId)}${padded(number, 6)}/start`;
  attemptEnd = (runId: string, stepId: string, number: number) =>
    `${this.attempts(runId, stepId)}${padded(number, 6)}/end`;

  /** The engine's name for an attempt. */
  attemptLaunch = (runId: string, stepId: string, number: number) =>
    `${this.attempts(runId, stepId)}${padded(number, 6)}/launch`;

  claims = (runId: string, stepId?: string) =>
    `${this.#root}claim/${keyPart("run", runId)}/${stepId === undefined ? "" : `${keyPart("step", stepId)}/`}`;
  claimStart = (runId: string, stepId: string, number: number) =>
    `${this.claims(runId, stepId)}${padded(number, 6)}/start`;
  claimEnd = (runId: string, stepId: string, number: number) => `${this.claims(runId, stepId)}${padded(number, 6)}/end`;
  pulses = (runId: string) => `${this.#root}pulse/${keyPart("run", runId)}/`;
  pulse = (runId: string, of: string, stepId: string, number: number) =>
    `${this.pulses(runId)}${of}/${keyPart("step", stepId)}/${padded(number, 6)}`;
  logs = (runId: string, stepId?: string) =>
    `${this.#root}log/${keyPart("run", runId)}/${stepId === undefined ? "" : `${keyPart("step", stepId)}/`}`;
  attemptLog = (runId: string, stepId: string, attempt: number) => `${this.logs(runId, stepId)}${padded(attempt, 6)}/`;
  logChunk = (runId: string, stepId: string, attempt: number, process: string, number: number) =>
    `${this.attemptLog(runId, stepId, attempt)}${process}/${padded(number, 6)}`;

  stepRuns = (runId: string, stepId?: string) =>
    `${this.#root}step/${keyPart("run", runId)}/${stepId === undefined ? "" : `${keyPart("step", stepId)}/`}`;
  /** Of all sessions: a step is committed once in a run. Sorts after what a session has given up. */
  stepDone = (runId: string, stepId: string) => `${this.stepRuns(runId, stepId)}done`;
  stepGivenUp = (runId: string, stepId: string, session: number) =>
    `${this.stepRuns(runId, stepId)}${padded(session, 6)}`;

  artifactNames = () => `${this.#root}name/`;
  artifactName = (name: string) => `${this.#root}name/${keyPart("artifact", name)}`;
  versions = (name: string) => `${this.#root}version/${keyPart("artifact", name)}/`;
  version = (name: string, number: number) => `${this.versions(name)}${padded(number, 10)}`;
  namedVersion = (name: string, version: string) =>
    `${this.#root}named/${keyPart("artifact", name)}/${keyPart("version", version)}`;
  content = (name: string, digest: string) => `${this.#root}content/${keyPart("artifact", name)}/${digest}`;
  consumers = (name: string, version: string) =>
    `${this.#root}consumer/${keyPart("artifact", name)}/${keyPart("version", version)}/`;
  consumer = (name: string, version: string, runId: string, stepId: string) =>
    `${this.consumers(name, version)}${keyPart("run", runId)}/${short(stepId)}`;

  pins = (runId: string) => `${this.#root}pin/${keyPart("run", runId)}/`;
  pin = (runId: string, selector: string) => `${this.pins(runId)}${short(selector)}`;
  /** From an artifact's side: the runs that have settled on it for a reference. */
  pinnedBy = (name: string, version: string) =>
    `${this.#root}pinned/${keyPart("artifact", name)}/${keyPart("version", version)}/`;
  pinned = (name: string, version: string, runId: string) => `${this.pinnedBy(name, version)}${keyPart("run", runId)}`;

  /** Of all versions of a name: for whoever looks at very many. */
  consumersOfName = (name: string) => `${this.#root}consumer/${keyPart("artifact", name)}/`;
  pinnedOfName = (name: string) => `${this.#root}pinned/${keyPart("artifact", name)}/`;
  modelsOfName = (name: string) => `${this.#root}artifact-model/${keyPart("artifact", name)}/`;
  /** The runs that use what a run has made. */
  usersOfRun = (producer: string) => `${this.#root}run-use/${keyPart("run", producer)}/`;
  userOfRun = (producer: string, runId: string) => `${this.usersOfRun(producer)}${keyPart("run", runId)}`;
  /** The runs that use the bytes of an element, which has no version that could be pinned. */
  holdersOfPlace = (location: string) => `${this.#root}held/${short(location)}/`;
  heldPlace = (location: string, runId: string) => `${this.holdersOfPlace(location)}${keyPart("run", runId)}`;
  doomedArtifacts = () => `${this.#root}doomed/`;
  doomedArtifact = (name: string, version: string) =>
    `${this.doomedArtifacts()}${keyPart("artifact", name)}/${keyPart("version", version)}`;
  doomedPlaces = () => `${this.#root}doomed-place/`;
  doomedPlace = (location: string) => `${this.doomedPlaces()}${short(location)}`;
  deletedRuns = () => `${this.#root}deleted/`;
  deletedRun = (runId: string) => `${this.deletedRuns()}${keyPart("run", runId)}`;
  collectors = () => `${this.#root}collector/`;
  collector = (number: number) => `${this.collectors()}${padded(number, 10)}`;
  allVersions = () => `${this.#root}version/`;
  allStepRuns = () => `${this.#root}step/`;
  cacheEntries = () => `${this.#root}cache/`;

  modelNames = () => `${this.#root}model/`;
  modelName = (name: string) => `${this.modelNames()}${keyPart("model", name)}`;
  modelVersions = (name: string) => `${this.#root}model-version/${keyPart("model", name)}/`;
  modelVersion = (name: string, number: number) => `${this.modelVersions(name)}${padded(number, 10)}`;
  namedModelVersion = (name: string, version: string) =>
    `${this.#root}model-named/${keyPart("model", name)}/${keyPart("version", version)}`;
  modelStages = (name: string) => `${this.#root}model-stage/${keyPart("model", name)}/`;
  modelStage = (name: string, event: number) => `${this.modelStages(name)}${padded(event, 10)}`;
  /** What a version consists of; with a name, of that artifact only. */
  modelArtifacts = (name: string, number: number, artifact?: string) =>
    `${this.#root}model-artifact/${keyPart("model", name)}/${padded(number, 10)}/${artifact === undefined ? "" : `${short(artifact)}/`}`;
  modelArtifact = (name: string, number: number, artifact: string, version: string, step: string) =>
    `${this.modelArtifacts(name, number, artifact)}${keyPart("version", version)}/${short(step)}`;
  modelsOf = (artifact: string, version: string) =>
    `${this.#root}artifact-model/${keyPart("artifact", artifact)}/${keyPart("version", version)}/`;
  modelOf = (artifact: string, version: string, model: string, step: string) =>
    `${this.modelsOf(artifact, version)}${short(model)}/${short(step)}`;
  modelMetadata = (name: string, number: number) =>
    `${this.#root}model-metadata/${keyPart("model", name)}/${padded(number, 10)}/`;
  modelMetadataBy = (name: string, number: number, step: string) => `${this.modelMetadata(name, number)}${short(step)}`;
  modelRuns = (name: string, number: number) =>
    `${this.#root}model-run/${keyPart("model", name)}/${padded(number, 10)}/`;
  modelRun = (name: string, number: number, runId: string, role: string) =>
    `${this.modelRuns(name, number)}${keyPart("run", runId)}/${role}`;
  /** Of any version of the model, in the order of the runs. */
  runsOfModel = (name: string) => `${this.#root}run-of-model/${keyPart("model", name)}/`;
  runOfModel = (name: string, number: number, runId: string, role: string) =>
    `${this.runsOfModel(name)}${keyPart("run", runId)}/${padded(number, 10)}/${role}`;
  modelsOfRun = (runId: string) => `${this.#root}run-model/${keyPart("run", runId)}/`;
  modelOfRun = (runId: string, model: string, role: string) => `${this.modelsOfRun(runId)}${short(model)}/${role}`;

  fingerprint = (digest: string) => `${this.#root}fingerprint/${keyPart("artifact", digest)}`;
  runSources = (runId: string) => `${this.#root}source/${keyPart("run", runId)}/`;
  /** The code of runs that was packed for other machines. */
  bundles = () => `${this.#root}bundle/`;
  runBundles = (runId: string) => `${this.bundles()}${keyPart("run", runId)}/`;
  sessionBundle = (runId: string, session: number, digest: string) =>
    `${this.runBundles(runId)}${padded(session, 6)}/${digest.replace(/^sha256:/, "")}`;
  sessionSources = (runId: string, session: number) => `${this.runSources(runId)}${padded(session, 6)}`;

  checkpoints = () => `${this.#root}checkpoint/`;
  checkpoint = (work: string) => `${this.checkpoints()}${short(work)}`;

  cachedCode = (fingerprint: string) => `${this.#root}cached-code/${keyPart("artifact", fingerprint)}`;
  cached = (cacheKey: string) => `${this.#root}cache/${keyPart("artifact", cacheKey)}`;
  lastRunOfPlan = (digest: string) => `${this.#root}last-plan/${keyPart("artifact", digest)}`;
  lastRunOfPipeline = (pipeline: string) => `${this.#root}last/${keyPart("pipeline", pipeline)}`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

/** For what may be too long beside a name; the record itself holds it in full. */
function short(text: string): string {
  return hash("sha256", text).slice(0, 16);
}
