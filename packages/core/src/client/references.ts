import type { ArtifactType } from "../contracts/artifact-type.js";
import type { JsonObject } from "../contracts/json.js";
import {
  describeTarget,
  type ReferableStage,
  type ReferenceTarget,
  referableStages,
  referenceFault,
} from "../contracts/reference.js";
import type { Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import {
  type ArtifactReference,
  createReference,
  createUnfinished,
  type ModelReference,
  type Reference,
} from "../pipeline/reference.js";
import type { Connection } from "./connection.js";

/** Opens the project's stores; called by nothing but `get`. */
export type Connect = () => Promise<Connection>;

export interface ArtifactReferenceOptions<T> {
  /** By default the latest. */
  readonly version?: string;
  /** By default the one that it was stored as; another is another view of the same bytes. */
  readonly type?: ArtifactType<T>;
}

export interface ModelReferenceOptions {
  /** By default the latest. */
  readonly version?: string;
  readonly stage?: ReferableStage;
}

/** A run, of which steps can be named. */
export interface RunReference {
  step(name: string): StepReference;
}

/** A step of a run, of which outputs can be named. */
export interface StepReference {
  /** @param name absent for a step that has one output without a name of its own */
  output<T = unknown>(name?: string, options?: { readonly type?: ArtifactType<T> }): ArtifactReference<T>;
}

export function artifactReference<T>(
  connect: Connect,
  name: string,
  { version, type }: ArtifactReferenceOptions<T>,
): ArtifactReference<T> {
  return reference<T>(connect, { artifact: name, ...given({ version }), ...typed(type) });
}

export function modelReference(connect: Connect, name: string, options: ModelReferenceOptions): ModelReference {
  const { version, stage } = options;
  const model = { model: name, ...given({ version, stage }) };
  check({ ...model, artifact: "any" });
  const what = `the reference to ${describeTarget(model as ReferenceTarget)}`;
  return createUnfinished<ModelReference>(
    what,
    "Say what of the model is meant: model.artifact(name) or model.metadata(key).",
    {
      artifact: <A>(
        artifact: string,
        { type, optional }: { readonly type?: ArtifactType<A>; readonly optional?: true } = {},
      ) => reference<A>(connect, { ...model, artifact, ...typed(type), ...given({ optional }) }) as never,
      metadata: <M>(key: string, schema?: Schema<M>) => metadataReference<M>(connect, model, key, schema),
    },
  );
}

export function runReference(connect: Connect, run: string): RunReference {
  const fix = "Say which of its outputs is meant: run.step(name).output(name).";
  return createUnfinished<RunReference>(`the reference to run ${run}`, fix, {
    step: (step) =>
      createUnfinished<StepReference>(`the reference to step '${step}' of run ${run}`, fix, {
        output: <T>(output = "output", { type }: { readonly type?: ArtifactType<T> } = {}) =>
          reference<T>(connect, { run, step, output, ...typed(type) }),
      }),
  });
}

function reference<T>(connect: Connect, target: JsonObject): ArtifactReference<T> {
  const checked = check(target);
  return createReference<ArtifactReference<T>>(target, describeTarget(checked), {
    get: async () => (await import("./read-reference.js")).readArtifact<T>(await connect(), checked),
    metadata: <M>(key: string, schema?: Schema<M>) => {
      const { type: _, ...which } = target;
      return metadataReference<M>(connect, which, key, schema);
    },
  });
}

function metadataReference<M>(
  connect: Connect,
  which: JsonObject,
  key: string,
  schema: Schema<M> | undefined,
): Reference<M> {
  const target = { ...which, metadata: key, ...given({ expects: jsonType(schema) }) };
  const checked = check(target);
  return createReference<Reference<M>>(target, describeTarget(checked), {
    get: async () => (await import("./read-reference.js")).readMetadataOf<M>(await connect(), checked, schema),
  });
}

/** @throws `REFERENCE_INVALID` */
function check(target: JsonObject): ReferenceTarget {
  const fault = referenceFault(target);
  if (fault === undefined) return target as unknown as ReferenceTarget;
  throw new TenonError("REFERENCE_INVALID", {
    doing: "making a reference",
    found: `it ${fault}`,
    fix:
      target.stage === undefined
        ? 'Names and versions are texts: version "42", not 42.'
        : `Name a version, or one of the stages ${referableStages.join(" and ")}, which one version at most has.`,
  });
}

function typed(type: ArtifactType<unknown> | undefined): { type?: string } {
  return type === undefined ? {} : { type: type.name };
}

function given(fields: Readonly<Record<string, unknown>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

interface TellsJson {
  readonly jsonSchema?: { readonly output?: (options: { readonly target: string }) => { readonly type?: unknown } };
}

/** The JSON type that a schema asks for, if it can tell: the one part of it that a plan can hold. */
function jsonType(schema: Schema | undefined): string | undefined {
  try {
    const described = (schema?.["~standard"] as TellsJson | undefined)?.jsonSchema?.output?.({
      target: "draft-2020-12",
    });
    return typeof described?.type === "string" ? described.type : undefined;
  } catch {
    // Not every schema has a form in JSON Schema; `get` and the step itself still check it.
    return undefined;
  }
}
