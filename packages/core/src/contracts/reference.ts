import type { JsonObject } from "./json.js";

/** What is meant by a reference, as it stands in a plan. Which version that is, is found out when a step starts. */
export type ReferenceTarget = ArtifactTarget | ModelTarget | OutputTarget;

interface Common {
  /** Look at it as this artifact type. */
  readonly type?: string;
  /** Not the value itself but what is recorded of it under this name. */
  readonly metadata?: string;
  /** The JSON type that the metadata has to have, as far as its schema tells: `number`. */
  readonly expects?: string;
  /** Where there is none, the value is null. */
  readonly optional?: true;
}

/** An artifact's version, by default the latest. */
export interface ArtifactTarget extends Common {
  readonly artifact: string;
  readonly version?: string;
}

/** A model's version, by default the latest, and an artifact of it; without `artifact`, metadata of the version itself. */
export interface ModelTarget extends Common {
  readonly model: string;
  readonly version?: string;
  readonly stage?: ReferableStage;
  readonly artifact?: string;
}

/** What a step of a run has made. */
export interface OutputTarget extends Common {
  readonly run: string;
  readonly step: string;
  readonly output: string;
}

/** Of the stages of a model those that one version at most has. */
export type ReferableStage = "staging" | "production";
export type ModelStage = ReferableStage | "archived";

export const modelStages: readonly ModelStage[] = ["staging", "production", "archived"];
export const referableStages: readonly ReferableStage[] = ["staging", "production"];

/** Which version is meant, and nothing else: what has equal selectors comes from one version in a run. */
export type Selector =
  | Pick<ArtifactTarget, "artifact" | "version">
  | Pick<ModelTarget, "model" | "version" | "stage">
  | Pick<OutputTarget, "run" | "step" | "output">;

export function selectorOf(target: ReferenceTarget): Selector {
  if (isModelTarget(target)) return only(target, ["model", "version", "stage"]);
  if (isOutputTarget(target)) return only(target, ["run", "step", "output"]);
  return only(target, ["artifact", "version"]);
}

export function isModelTarget(target: ReferenceTarget): target is ModelTarget {
  return "model" in target;
}

export function isOutputTarget(target: ReferenceTarget): target is OutputTarget {
  return "run" in target;
}

/** In words: `version 3 of the model 'churn'`. */
export function describeTarget(target: ReferenceTarget): string {
  const what = target.metadata === undefined ? "" : `the metadata '${target.metadata}' of `;
  if (isOutputTarget(target)) return `${what}output '${target.output}' of step '${target.step}' of run ${target.run}`;
  if (!isModelTarget(target)) return `${what}${which(target.version)} of the artifact '${target.artifact}'`;
  const { stage, version, artifact } = target;
  const model = `${stage === undefined ? which(version) : `the version in stage '${stage}'`} of the model '${target.model}'`;
  return artifact === undefined ? `${what}${model}` : `${what}the artifact '${artifact}' in ${model}`;
}

function which(version: string | undefined): string {
  return version === undefined ? "the latest version" : `version '${version}'`;
}

/** What is wrong with a reference in a plan, as a clause; `undefined` if it can be resolved. */
export function referenceFault(reference: JsonObject): string | undefined {
  const forms = [
    { needs: ["artifact"], may: ["version"] },
    { needs: ["model"], may: ["version", "stage", "artifact"] },
    { needs: ["run", "step", "output"], may: [] },
  ];
  const form =
    forms.findLast(({ needs }) => needs.some((name) => name !== "artifact" && name in reference)) ?? forms[0];
  const { needs, may } = form as (typeof forms)[number];
  const missing = needs.find((name) => !(name in reference));
  if (missing !== undefined) return `has no field '${missing}'`;
  for (const [name, value] of Object.entries(reference)) {
    if (![...needs, ...may, "type", "metadata", "expects", "optional"].includes(name))
      return `has a field '${name}', which it cannot have`;
    if (name === "optional" && value === true) continue;
    if (typeof value !== "string" || value === "") return `has a field '${name}' that is no filled text`;
  }
  const { stage, version, artifact, model, metadata } = reference;
  if (stage !== undefined && version !== undefined) return "has both a version and a stage";
  if (stage !== undefined && !referableStages.includes(stage as ReferableStage)) {
    return `has the stage '${String(stage)}', which is none of ${referableStages.join(", ")}`;
  }
  if (model !== undefined && artifact === undefined && metadata === undefined)
    return "has neither an artifact nor metadata";
  return undefined;
}

function only<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]])) as Pick<
    T,
    K
  >;
}
