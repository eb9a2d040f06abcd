import type { Plan, PlannedStep } from "../contracts/plan.js";
import { planFormat } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { ParameterOrigin } from "../ledger/records.js";
import { artifactNames } from "../pipeline/artifact-names.js";
import { Graph, type GraphNode } from "../pipeline/graph.js";
import { handlesOwner, handleTarget } from "../pipeline/handle.js";
import { checkReplacement, isPipeline, type PipelineDefinition } from "../pipeline/pipeline.js";
import { resolveOptions } from "../pipeline/settings.js";
import type { StepDefinition } from "../pipeline/step.js";
import { type Encode, type Literal, LiteralTable, planInputs } from "./inputs.js";
import { orderNodes } from "./order.js";
import { type ParameterSource, ParameterTable } from "./parameters.js";
import { planDigest } from "./plan-digest.js";
import { type Identities, identifySteps, type StepCode } from "./sources.js";
import { writePlan } from "./write-plan.js";

export interface CompileOptions {
  /** In the order of their precedence, the weakest first. */
  readonly parameters?: readonly ParameterSource[];
  readonly project: {
    readonly name: string;
    readonly root: string;
    readonly stateDirectory: string;
    /** Where the modules of steps are named from; by default the root. */
    readonly code?: string;
  };
  /** The digest that the artifact of a literal will have, and its type. */
  readonly encode: Encode;
  /** False leaves the fingerprints out: nothing will be cached. */
  readonly fingerprints: boolean;
  /** Also follow the code of steps that are never cached, so that it is known which files they reach. */
  readonly reach?: boolean;
}

export interface Compiled {
  readonly plan: Plan;
  readonly digest: string;
  /** Canonical YAML; the digest is that of its bytes. */
  readonly text: string;
  /** `epochs`, `fit.epochs` → who set it. */
  readonly parameterOrigins: Readonly<Record<string, ParameterOrigin>>;
  /** By id in the plan. */
  readonly steps: ReadonlyMap<string, StepDefinition>;
  /** By digest: what has to be stored before the run. */
  readonly literals: ReadonlyMap<string, Literal>;
  /** By id in the plan. */
  readonly code: ReadonlyMap<string, StepCode>;
  /** Sentences, for people. */
  readonly warnings: readonly string[];
}

/**
 * Turns a pipeline and parameters into a plan. Runs the pipeline's body, and none of its steps.
 *
 * @throws `PIPELINE_INVALID`, `PIPELINE_CYCLE`, `PARAMETER_INVALID`, `PARAMETER_UNKNOWN`, `INPUT_INVALID`,
 * `STEP_DUPLICATE`, `STEP_UNKNOWN`, `STEP_INTERFACE_MISMATCH`, `STEP_SOURCE_INVALID`
 */
export async function compile(definition: PipelineDefinition, options: CompileOptions): Promise<Compiled> {
  if (!isPipeline(definition)) {
    throw new TenonError("PIPELINE_INVALID", {
      doing: "compiling a pipeline",
      found: `it is ${definition === null ? "null" : `a ${typeof definition}`}`,
      fix: "Give what pipeline(…) returns.",
    });
  }
  const parameters = new ParameterTable(definition, options.parameters ?? []);
  const values = await parameters.ofPipeline();
  const { graph, outputs } = buildGraph(definition, values);
  const nodes = orderNodes(graph);
  parameters.checkNames(graph.nodes);

  const literals = new LiteralTable(definition.name, options.encode);
  const identities = await identifySteps(nodes, options);
  const steps: PlannedStep[] = [];
  const code = new Map<string, StepCode>();
  for (const node of nodes) {
    steps.push(await planStep(node, definition.name, parameters, literals, identities, code));
  }
  const plan: Plan = {
    format: planFormat,
    pipeline: definition.name,
    parameters: parameters.stored,
    steps,
    outputs,
    onFailure: definition.onFailure,
    tags: definition.tags,
    ...(definition.model && { model: definition.model }),
  };
  const text = writePlan(plan);
  return {
    plan,
    text,
    digest: planDigest(text),
    parameterOrigins: parameters.origins,
    steps: new Map(nodes.map((node) => [node.id, node.step])),
    literals: literals.all,
    code,
    warnings: identities.warnings,
  };
}

async function planStep(
  node: GraphNode,
  pipeline: string,
  parameters: ParameterTable,
  literals: LiteralTable,
  identities: Identities,
  code: Map<string, StepCode>,
): Promise<PlannedStep> {
  const { id, step, options, mapped } = node;
  const named = options.artifact ?? step.options.artifact;
  const artifacts = artifactNames(named, step, `${pipeline}.${id}`, `calling step '${id}'`);
  const { name: _name, after: _after, ...changed } = options;
  const resolved = Object.keys(changed).length > 0 ? mergeOptions(step, changed, id) : step.resolved;
  const identity = identities.of(node, resolved);
  code.set(id, identity);
  return {
    id,
    name: step.name,
    source: identity.source,
    ...(identity.fingerprint === undefined ? {} : { fingerprint: identity.fingerprint }),
    parameters: await parameters.ofStep(node),
    inputs: await planInputs(node, literals),
    outputs: Object.fromEntries(
      Object.entries(step.outputs).map(([output, declaration]) => [
        output,
        {
          ...(declaration && "kind" in declaration ? { type: declaration.name } : {}),
          artifact: artifacts[output] as string,
        },
      ]),
    ),
    single: step.single,
    after: [...new Set(node.after.map((item) => (typeof item === "string" ? item : item.id)))],
    mapped,
    ...(resolved.model && { model: resolved.model }),
    settings: resolved.settings,
  };
}

/** Settings of a call stand in for those of the definition, one by one; tags add up. */
function mergeOptions(step: StepDefinition, changed: StepDefinition["options"], id: string) {
  const tags = [...(step.options.tags ?? []), ...(changed.tags ?? [])];
  return resolveOptions({ ...step.options, ...changed, tags }, `calling step '${id}'`);
}

function buildGraph(definition: PipelineDefinition, params: unknown) {
  for (const [slot, step] of Object.entries(definition.replaced)) checkReplacement(definition, slot, step);
  const steps = { ...definition.steps, ...definition.replaced };
  const graph = new Graph(definition.name, definition.replaced);
  const result = graph.build(() => runBody(definition, params, steps));
  graph.nameNodes();
  return { graph, outputs: bodyOutputs(result, definition.name) };
}

function runBody({ name, body }: PipelineDefinition, params: unknown, steps: unknown): unknown {
  try {
    return body({ params: params as never, steps: steps as never });
  } catch (cause) {
    if (TenonError.is(cause)) throw cause;
    throw new TenonError("PIPELINE_INVALID", {
      doing: `running the body of pipeline '${name}'`,
      found: `it threw ${cause instanceof Error ? `${cause.name}: ${cause.message.replace(/\.$/, "")}` : String(cause)}`,
      fix: "A body only wires steps together; values exist when the steps run.",
      cause,
    });
  }
}

function bodyOutputs(result: unknown, pipeline: string): Plan["outputs"] {
  const doing = `reading what the body of pipeline '${pipeline}' returned`;
  if (result === undefined) return {};
  const single = handleTarget(result);
  if (single) return { output: { from: "step", step: (single.node as GraphNode).id, output: single.output } };
  if (typeof result !== "object" || result === null || Array.isArray(result) || result instanceof Promise) {
    throw new TenonError("PIPELINE_INVALID", {
      doing,
      found:
        result instanceof Promise ? "it is async" : `it is ${Array.isArray(result) ? "a list" : `a ${typeof result}`}`,
      fix: "Return handles by name: return { model, report }.",
    });
  }
  const several = handlesOwner(result);
  const names = several ? several.names : Object.keys(result);
  return Object.fromEntries(
    names.map((name) => {
      const value = (result as Record<string, unknown>)[name];
      const target = handleTarget(value);
      if (!target) {
        const owner = handlesOwner(value);
        throw new TenonError("PIPELINE_INVALID", {
          doing,
          found: `'${name}' is not the output of a step`,
          fix: owner
            ? `Choose one of the outputs of '${owner.step}': ${owner.names.join(", ")}.`
            : "Return only outputs of steps; values that are known already need no pipeline.",
        });
      }
      return [name, { from: "step" as const, step: (target.node as GraphNode).id, output: target.output }];
    }),
  );
}
