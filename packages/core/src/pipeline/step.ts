import { type ArtifactType, isArtifactType } from "../contracts/artifact-type.js";
import { isSchema, type Schema } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import { detachedContext, type StepRunContext } from "./context.js";
import { type CallOptions, currentGraph } from "./graph.js";
import type { Handle, Handles } from "./handle.js";
import { checkName } from "./names.js";
import { checkOptionNames, type ResolvedOptions, resolveOptions, type StepOptions } from "./settings.js";
import { type DefinitionSite, definitionSite, registerStep } from "./source.js";
import type { Wires } from "./wire.js";

const brand = Symbol.for("tenon.step");
declare const inputsOf: unique symbol;

/** What an input or output is declared as. */
export type AnyDeclaration = ArtifactType<unknown> | Schema;

/** A step, as compiler and runtime see it. */
export interface StepDefinition {
  readonly kind: "step";
  readonly name: string;
  readonly params: Schema | undefined;
  /** Absent if the step did not declare its inputs: it then takes whatever it is given. */
  readonly inputs: Readonly<Record<string, AnyDeclaration>> | undefined;
  readonly outputs: Readonly<Record<string, AnyDeclaration | undefined>>;
  /** True if the value it returns is its only output, named `output`. */
  readonly single: boolean;
  readonly options: StepOptions;
  readonly resolved: ResolvedOptions;
  readonly site: DefinitionSite;
  /** Calls the step's function, by itself. What a context does not say is filled in with what records nothing. */
  run(inputs: never, context?: Partial<StepRunContext<never>>): unknown;
}

type Optional<T> = Record<string, never> extends T ? true : false;
type CallArguments<In, P> =
  Optional<In> extends true
    ? [inputs?: Wires<In>, parameters?: ParameterValues<P>, options?: CallOptions]
    : [inputs: Wires<In>, parameters?: ParameterValues<P>, options?: CallOptions];

/** Any of them may be left to the schema's defaults, a file or the command line. */
export type ParameterValues<P> = { readonly [K in keyof P]?: P[K] | undefined };

/**
 * A step that can be called in the body of a pipeline.
 *
 * @typeParam In the values of its inputs @typeParam P what its parameters' schema takes
 * @typeParam Out what a call returns: a handle, or handles by output name
 */
export interface Step<In, P, Out> extends StepDefinition {
  (...values: CallArguments<In, P>): Out;
  run(inputs: In, context?: Partial<StepRunContext<never>>): unknown;
  readonly [inputsOf]?: (inputs: In, parameters: P) => Out;
}

/** What a step with these types looks like to somebody who wants to put another in its place. */
export type StepLike<S> = S extends Step<infer In, infer _P, infer Out> ? StepDefinition & Taking<In, Out> : never;
type Taking<In, Out> = (inputs: Wires<In>) => Out;

type Declared<T> = { readonly [K in keyof T]: ArtifactType<T[K]> | Schema<T[K], unknown> };

interface Common<In, POut, PIn> extends StepOptions {
  /** Unique in a pipeline: letters, digits, `_` and `-`. */
  readonly name: string;
  /** A schema of an object, such as `z.object({ epochs: z.int().default(50) })`. */
  readonly params?: Schema<POut, PIn>;
  readonly inputs?: Declared<In>;
}

/**
 * Defines a step from a function: its first argument is an object of inputs, what it returns is the output.
 *
 * @throws `STEP_INVALID`
 * @example const add = step("add", ({ x, y }: { x: number; y: number }) => x + y);
 */
export function step<Out, In extends object = Record<never, never>>(
  name: string,
  run: (inputs: In, context: StepRunContext) => Out,
): Step<In, Record<never, never>, Handle<Awaited<Out>>>;
/**
 * Defines a step with parameters, declared inputs and outputs, and settings.
 *
 * @throws `STEP_INVALID`
 * @example
 * const split = step({
 *   name: "split",
 *   params: z.object({ testRatio: z.number().default(0.2) }),
 *   inputs: { rows: table },
 *   outputs: { train: table, test: table },
 *   retries: 2,
 *   timeout: "5m",
 *   run: ({ rows }, { params }) => cut(rows, params.testRatio),
 * });
 */
export function step<
  Outs extends object,
  In extends object = Record<never, never>,
  POut = Record<never, never>,
  PIn = POut,
>(
  options: Common<In, POut, PIn> & {
    readonly outputs: Declared<Outs>;
    readonly output?: never;
    run(inputs: In, context: StepRunContext<POut>): NoInfer<Outs> | Promise<NoInfer<Outs>>;
  },
): Step<In, PIn, Handles<Outs>>;
export function step<Out, In extends object = Record<never, never>, POut = Record<never, never>, PIn = POut>(
  options: Common<In, POut, PIn> & {
    readonly output: ArtifactType<Out> | Schema<Out, unknown>;
    readonly outputs?: never;
    run(inputs: In, context: StepRunContext<POut>): NoInfer<Out> | Promise<NoInfer<Out>>;
  },
): Step<In, PIn, Handle<Out>>;
export function step<Out, In extends object = Record<never, never>, POut = Record<never, never>, PIn = POut>(
  options: Common<In, POut, PIn> & {
    readonly output?: never;
    readonly outputs?: never;
    run(inputs: In, context: StepRunContext<POut>): Out;
  },
): Step<In, PIn, Handle<Awaited<Out>>>;
export function step(first: string | StepInput, second?: (...values: never) => unknown): unknown {
  const given = typeof first === "string" ? { name: first, run: second as StepInput["run"] } : first;
  return defineStep(given, definitionSite(step));
}

interface StepInput extends StepOptions {
  readonly name: string;
  readonly params?: Schema;
  readonly inputs?: Readonly<Record<string, AnyDeclaration>>;
  readonly outputs?: Readonly<Record<string, AnyDeclaration>>;
  readonly output?: AnyDeclaration;
  readonly run: (inputs: never, context: StepRunContext<never>) => unknown;
}

function defineStep(given: StepInput, site: DefinitionSite): StepDefinition {
  if (typeof given !== "object" || given === null) {
    throw new TenonError("STEP_INVALID", {
      doing: "defining a step",
      found: `it was given ${given === null ? "null" : `a ${typeof given}`}`,
      fix: 'Write step("name", function) or step({ name, run, … }).',
    });
  }
  checkName(given.name, "STEP_INVALID", "defining a step");
  const doing = `defining step '${given.name}'`;
  const { name, params, inputs, outputs, output, run, ...options } = given;
  if (typeof run !== "function") invalid(doing, "it has no function", "Give the function as 'run'.");
  if (outputs && output) invalid(doing, "it has both 'output' and 'outputs'", "Keep one of them.");
  if (params !== undefined && !isSchema(params))
    invalid(doing, "its 'params' is no schema", "Write params: z.object({ … }).");
  checkOptionNames(options, ["name", "params", "inputs", "outputs", "output", "run"], doing);
  checkDeclarations(inputs, "input", doing);
  checkDeclarations(outputs, "output", doing);
  if (output) checkDeclarations({ output }, "output", doing);

  const call = (wires?: object, parameters?: object, callOptions?: CallOptions): unknown =>
    currentGraph(`calling step '${name}'`, `${name}.run(…)`).call(definition, wires, parameters, callOptions, false);
  const definition = Object.assign(call, {
    kind: "step" as const,
    params,
    inputs: inputs && Object.freeze({ ...inputs }),
    outputs: Object.freeze(outputs ? { ...outputs } : { output }),
    single: outputs === undefined,
    options,
    resolved: resolveOptions(options, doing),
    site,
    run: (values: never, context?: Partial<StepRunContext<never>>) => run(values, detachedContext(context)),
  }) as unknown as StepDefinition;
  Object.defineProperty(definition, "name", { value: name });
  Object.defineProperty(definition, brand, { value: true });
  Object.freeze(definition);
  registerStep(definition);
  return definition;
}

export function isStep(value: unknown): value is StepDefinition {
  return typeof value === "function" && brand in value;
}

function checkDeclarations(given: Readonly<Record<string, unknown>> | undefined, what: string, doing: string): void {
  for (const [name, declaration] of Object.entries(given ?? {})) {
    checkName(name, "STEP_INVALID", `${doing}, ${what} '${name}'`);
    if (isArtifactType(declaration) || isSchema(declaration)) continue;
    invalid(
      doing,
      `${what} '${name}' is declared as ${declaration === null ? "null" : `a ${typeof declaration}`}`,
      "Declare it by an artifact type or a schema.",
    );
  }
}

function invalid(doing: string, found: string, fix: string): never {
  throw new TenonError("STEP_INVALID", { doing, found, fix });
}
