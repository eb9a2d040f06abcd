import type { JsonObject } from "../contracts/json.js";
import { suggest } from "../contracts/nearest.js";
import type { Plan, PlannedStep } from "../contracts/plan.js";
import { issueText, type SchemaIssue } from "../contracts/schema.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { packageThatHas } from "../kernel/known-integrations.js";
import type { ResolvedStack } from "../kernel/stack.js";

/** What steps say to the orchestrator in use, by step id, as its schema gave it. */
export type EngineSettings = ReadonlyMap<string, JsonObject>;

/**
 * Reads the blocks of `engine` settings that are meant for the stack's orchestrator. Those for other integrations are
 * theirs to judge, on a stack of theirs.
 */
export async function engineSettings(
  plan: Pick<Plan, "steps">,
  { engine }: Pick<ResolvedStack, "engine">,
): Promise<EngineSettings> {
  const settings = new Map<string, JsonObject>();
  for (const step of plan.steps) settings.set(step.id, (await judge(step, engine)).settings);
  return settings;
}

/** @throws `ENGINE_INVALID` with every fault: fields that the orchestrator refuses, and blocks for nobody */
export async function checkEngineSettings(
  plan: Plan,
  stack: ResolvedStack,
  kernel: Kernel,
  doing: string,
): Promise<void> {
  const said = plan.steps.filter(({ settings }) => Object.keys(settings.engine).length > 0);
  if (said.length === 0) return;
  const installed = kernel.integrations.discovery.integrations.map(({ manifest }) => manifest.integration);
  const known = [...new Set([...(stack.engine.name === undefined ? [] : [stack.engine.name]), ...installed])];
  const faults: string[] = [];
  let fix: string | undefined;
  for (const step of said) {
    for (const name of Object.keys(step.settings.engine)) {
      if (known.includes(name) || packageThatHas({ integration: name }) !== undefined) continue;
      faults.push(`step '${step.id}' has engine settings for '${name}', and there is no integration of that name`);
      fix ??= suggest(name, known, `There are ${known.join(", ")}.`);
    }
    faults.push(...(await judge(step, stack.engine)).faults);
  }
  if (faults.length === 0) return;
  throw new TenonError("ENGINE_INVALID", { doing, found: faults.join("; "), ...(fix !== undefined && { fix }) });
}

interface Judged {
  readonly settings: JsonObject;
  readonly faults: readonly string[];
}

async function judge({ id, settings }: PlannedStep, engine: ResolvedStack["engine"]): Promise<Judged> {
  const { name = "", schema } = engine;
  const given = (settings.engine[name] ?? {}) as JsonObject;
  if (!schema) {
    const faults = Object.keys(given).map((field) => `step '${id}' sets engine.${name}.${field}, and it takes none`);
    return { settings: {}, faults };
  }
  const result = await schema["~standard"].validate(given);
  if (!result.issues) return { settings: result.value as JsonObject, faults: [] };
  return { settings: {}, faults: result.issues.map((issue) => `step '${id}': ${fault(issue, name)}`) };
}

function fault(issue: SchemaIssue, name: string): string {
  const { path = [] } = issue;
  const keys = path.map((part) => String(typeof part === "object" ? part.key : part));
  return `engine.${[name, ...keys].join(".")}: ${issueText(issue)}`;
}
