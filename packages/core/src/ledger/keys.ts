import { createHash } from "node:crypto";
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
  cancel = (runId: string, session: number) => `${this.#root}cancel/${keyPart("run", runId)}/${padded(session, 6)}`;

  attempts = (runId: string, stepId?: string) =>
    `${this.#root}attempt/${keyPart("run", runId)}/${stepId === undefined ? "" : `${keyPart("step", stepId)}/`}`;
  attemptStart = (runId: string, stepId: string, number: number) =>
    `${this.attempts(runId, stepId)}${padded(number, 6)}/start`;
  attemptEnd = (runId: string, stepId: string, number: number) =>
    `${this.attempts(runId, stepId)}${padded(number, 6)}/end`;

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

  cached = (cacheKey: string) => `${this.#root}cache/${keyPart("artifact", cacheKey)}`;
  lastRunOfPlan = (digest: string) => `${this.#root}last-plan/${keyPart("artifact", digest)}`;
  lastRunOfPipeline = (pipeline: string) => `${this.#root}last/${keyPart("pipeline", pipeline)}`;
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}

/** A step's id may be too long beside an artifact's name; the record itself holds it in full. */
function short(stepId: string): string {
  return createHash("sha256").update(stepId).digest("hex").slice(0, 16);
}
