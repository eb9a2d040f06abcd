import { isArtifactType } from "../contracts/artifact-type.js";
import type { ModelDeclaration } from "../contracts/plan.js";
import { isSchema, type Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { Handle } from "./handle.js";
import { type ModelOptions, modelDeclaration } from "./model.js";
import { checkName } from "./names.js";
import { nearest } from "./nearest.js";
import { isStep, type StepDefinition, type StepLike } from "./step.js";

const brand = Symbol.for("tenon.pipeline");
declare const types: unique symbol;

type Slots = Readonly<Record<string, StepDefinition>>;

/** What a body may return: handles by name, one handle (then the output is named `output`), or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a body without a return statement returns void
export type BodyResult = Readonly<Record<string, Handle<unknown>>> | Handle<unknown> | void;

/** A pipeline, as compiler and runtime see it. */
export interface PipelineDefinition {
  readonly kind: "pipeline";
  readonly name: string;
  readonly params: Schema | undefined;
  readonly steps: Slots;
  /** Which steps stand in for those of the slots. */
  readonly replaced: Slots;
  /** Set by `with`, by name: `epochs`, `fit.epochs`. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly onFailure: "continue" | "stop";
  readonly tags: readonly string[];
  readonly model: ModelDeclaration | undefined;
  body(context: { readonly params: never; readonly steps: never }): unknown;
}

/** The values that a run of a pipeline makes, by output name. */
export type PipelineOutputs<P> = P extends Pipeline<infer _P, infer _S, infer R> ? ResultValues<R> : never;
type ResultValues<R> =
  R extends Handle<infer T>
    ? { readonly output: T }
    : R extends object
      ? { readonly [K in keyof R]: R[K] extends Handle<infer T> ? T : never }
      : Record<never, never>;

/** What the parameters of a pipeline may be set to; those of its steps are named `step.parameter`. */
export type PipelineParameters<P> =
  P extends Pipeline<infer Params, infer _S, infer _R>
    ? { readonly [K in keyof Params]?: Params[K] | undefined } & { readonly [name: `${string}.${string}`]: unknown }
    : never;

export interface Pipeline<Params, S extends Slots, R> extends PipelineDefinition {
  /**
   * The same pipeline with other steps in its slots, or other values for its parameters.
   *
   * @throws `STEP_UNKNOWN` for a slot that it does not have, `STEP_INTERFACE_MISMATCH` for a step that does not fit
   * @example penguins.with({ steps: { fit: fitForest }, parameters: { epochs: 10 } })
   */
  with(changes: {
    readonly steps?: { readonly [K in keyof S]?: StepLike<S[K]> };
    readonly parameters?: { readonly [K in keyof Params]?: Params[K] | undefined } & {
      readonly [name: `${string}.${string}`]: unknown;
    };
  }): Pipeline<Params, S, R>;
  readonly [types]?: { readonly params: Params; readonly slots: S; readonly result: R };
}

interface Options {
  /** Unique in a project: letters, digits, `_` and `-`. */
  readonly name: string;
  /** When a step has failed for good: finish what does not need it, or start nothing more. By default `continue`. */
  readonly onFailure?: "continue" | "stop";
  readonly tags?: readonly string[];
  /** The model that the steps work on, where they name no other: what they make belongs to a version of it. */
  readonly model?: ModelOptions;
}

/**
 * Defines a pipeline: a body that calls steps and passes their handles on. The body runs when the pipeline is
 * compiled; it must not do work of its own, and must do the same each time.
 *
 * @throws `PIPELINE_INVALID`
 * @example const sum = pipeline("sum", () => add({ x: 1, y: 2 }));
 */
export function pipeline<R extends BodyResult>(
  name: string,
  body: () => R,
): Pipeline<Record<never, never>, Record<never, never>, R>;
/**
 * Defines a pipeline with parameters, and with slots: steps that a run may put others in the place of.
 *
 * @throws `PIPELINE_INVALID`
 */
export function pipeline<
  R extends BodyResult,
  POut = Record<never, never>,
  PIn = POut,
  S extends Slots = Record<never, never>,
>(
  options: Options & {
    readonly params?: Schema<POut, PIn>;
    readonly steps?: S;
    body(context: { readonly params: POut; readonly steps: S }): R;
  },
): Pipeline<PIn, S, R>;
export function pipeline(first: string | PipelineInput, second?: () => unknown): unknown {
  const given = typeof first === "string" ? { name: first, body: second as PipelineInput["body"] } : first;
  if (typeof given !== "object" || given === null) invalid("defining a pipeline", "it was given no object");
  checkName(given.name, "PIPELINE_INVALID", "defining a pipeline");
  const doing = `defining pipeline '${given.name}'`;
  if (typeof given.body !== "function") invalid(doing, "it has no body", "Give the body as a function.");
  if (given.params !== undefined && (!isSchema(given.params) || isArtifactType(given.params))) {
    invalid(doing, "its 'params' is no schema", "Write params: z.object({ … }).");
  }
  if (given.onFailure !== undefined && given.onFailure !== "continue" && given.onFailure !== "stop") {
    invalid(doing, `its 'onFailure' is '${String(given.onFailure)}'`, "Write 'continue' or 'stop'.");
  }
  modelDeclaration(given.model, "PIPELINE_INVALID", doing);
  for (const key of Object.keys(given)) {
    if (!known.includes(key)) {
      throw new TenonError("PIPELINE_INVALID", { doing, found: `there is no option '${key}'`, ...nearest(key, known) });
    }
  }
  for (const [slot, filling] of Object.entries(given.steps ?? {})) {
    if (!isStep(filling)) invalid(doing, `slot '${slot}' holds no step`, "Fill slots with what step(…) returns.");
  }
  return define({ ...given, steps: given.steps ?? {} }, {}, {});
}

const known = ["name", "params", "steps", "body", "onFailure", "tags", "model"];

interface PipelineInput extends Options {
  readonly params?: Schema;
  readonly steps?: Slots;
  readonly body: PipelineDefinition["body"];
}

function define(
  given: PipelineInput & { readonly steps: Slots },
  replaced: Slots,
  parameters: Readonly<Record<string, unknown>>,
): PipelineDefinition & { with: unknown } {
  const definition = {
    kind: "pipeline" as const,
    name: given.name,
    params: given.params,
    steps: Object.freeze({ ...given.steps }),
    replaced: Object.freeze({ ...replaced }),
    parameters: Object.freeze({ ...parameters }),
    onFailure: given.onFailure ?? "continue",
    tags: [...new Set(given.tags ?? [])],
    model: modelDeclaration(given.model, "PIPELINE_INVALID", `defining pipeline '${given.name}'`),
    body: given.body,
    with(changes: { steps?: Slots; parameters?: Record<string, unknown> }) {
      for (const [slot, step] of Object.entries(changes.steps ?? {})) checkReplacement(definition, slot, step);
      return define(given, { ...replaced, ...changes.steps }, { ...parameters, ...changes.parameters });
    },
  };
  Object.defineProperty(definition, brand, { value: true });
  return Object.freeze(definition);
}

export function isPipeline(value: unknown): value is PipelineDefinition {
  return typeof value === "object" && value !== null && brand in value;
}

/** @throws `STEP_UNKNOWN`, `STEP_INTERFACE_MISMATCH` */
export function checkReplacement(definition: PipelineDefinition, slot: string, replacement: unknown): void {
  const doing = `putting a step into slot '${slot}' of pipeline '${definition.name}'`;
  const original = Object.hasOwn(definition.steps, slot) ? definition.steps[slot] : undefined;
  if (!original) {
    const slots = Object.keys(definition.steps);
    const found = slots.length > 0 ? `its slots are ${slots.join(", ")}` : "it has no slots";
    throw new TenonError("STEP_UNKNOWN", { doing, found, ...nearest(slot, slots) });
  }
  const mismatch = (found: string) =>
    new TenonError("STEP_INTERFACE_MISMATCH", {
      doing,
      found,
      fix: `A replacement takes the inputs and gives the outputs of step '${original.name}'.`,
    });
  if (!isStep(replacement)) throw mismatch("it is not a step");
  if (original.single !== replacement.single) {
    throw mismatch(
      original.single
        ? `step '${replacement.name}' has named outputs, where one value is expected`
        : `step '${replacement.name}' has one output, where ${Object.keys(original.outputs).join(", ")} are expected`,
    );
  }
  for (const [name, declaration] of Object.entries(original.outputs)) {
    if (!Object.hasOwn(replacement.outputs, name)) throw mismatch(`step '${replacement.name}' has no output '${name}'`);
    const other = replacement.outputs[name];
    if (isArtifactType(declaration) && isArtifactType(other) && declaration.name !== other.name) {
      throw mismatch(`output '${name}' of step '${replacement.name}' is ${other.name}, not ${declaration.name}`);
    }
  }
  if (!original.inputs || !replacement.inputs) return;
  for (const name of Object.keys(original.inputs)) {
    if (!Object.hasOwn(replacement.inputs, name)) throw mismatch(`step '${replacement.name}' has no input '${name}'`);
  }
  for (const name of Object.keys(replacement.inputs)) {
    if (!Object.hasOwn(original.inputs, name))
      throw mismatch(`step '${replacement.name}' wants an input '${name}' more`);
  }
}

function invalid(doing: string, found: string, fix?: string): never {
  throw new TenonError("PIPELINE_INVALID", { doing, found, ...(fix === undefined ? {} : { fix }) });
}
