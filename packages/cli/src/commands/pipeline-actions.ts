import { relative } from "node:path";
import type { Plan } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { givenParameters } from "../parameters.js";
import { choosePipeline, findPipelineFile, loadPipelines } from "../pipeline-file.js";
import { ago } from "../terminal/format.js";
import { statusText } from "../terminal/status.js";
import { formatTable } from "../terminal/table.js";
import type { ShowOptions } from "./pipelines.js";
import { describePlan, mermaid } from "./plan-text.js";

export async function listPipelines(invocation: Invocation, file: string | undefined): Promise<ExitCode | undefined> {
  return file === undefined ? listPastPipelines(invocation) : listExportedPipelines(invocation, file);
}

async function listPastPipelines(invocation: Invocation): Promise<undefined> {
  const { terminal, options } = invocation;
  const pipelines = await invocation.withClient(async (client) => {
    const names = await client.pipelines();
    return Promise.all(names.map(async (name) => ({ name, latest: await client.pipeline(name).runs.list().first() })));
  });
  if (options.json) {
    terminal.printJson(pipelines);
  } else if (pipelines.length === 0) {
    terminal.note("No pipeline has run yet. To see those of a module: tenon pipeline list <file.ts>");
  } else {
    const columns = [
      { title: "PIPELINE" },
      { title: "LATEST RUN", rank: 0 },
      { title: "STATUS" },
      { title: "STARTED", rank: 1 },
    ];
    const rows = pipelines.map(({ name, latest }) => [
      name,
      latest?.id ?? "",
      latest ? statusText(latest.brokeOff ? "broke off" : latest.status, terminal) : "",
      latest ? ago(latest.created) : "",
    ]);
    terminal.print(formatTable(columns, rows, terminal));
  }
  return undefined;
}

async function listExportedPipelines({ terminal, options, directory }: Invocation, given: string): Promise<undefined> {
  const { path } = await findPipelineFile(directory, given);
  const pipelines = await loadPipelines(path);
  if (options.json) {
    terminal.printJson(pipelines.map(({ name, steps, tags }) => ({ name, slots: Object.keys(steps), tags })));
  } else if (pipelines.length === 0) {
    terminal.note(`${relative(directory, path)} exports no pipeline.`);
  } else {
    for (const { name } of pipelines) terminal.print(name);
  }
  return undefined;
}

export async function showPipeline(
  invocation: Invocation<ShowOptions>,
  reference: string | undefined,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { plan, text, warnings = [] } = await findPlan(invocation, reference);
  for (const warning of warnings) terminal.note(`${terminal.symbols.warning} ${warning}`);
  if (options.json) terminal.printJson(plan);
  else if (options.as === "yaml") process.stdout.write(text);
  else if (options.as === "mermaid") terminal.print(mermaid(plan));
  else terminal.print(describePlan(plan, terminal));
  return undefined;
}

async function findPlan(
  invocation: Invocation<ShowOptions>,
  reference: string | undefined,
): Promise<{ readonly plan: Plan; readonly text: string; readonly warnings?: readonly string[] }> {
  const { directory, options } = invocation;
  if (reference !== undefined && !/[./\\]/.test(reference)) return findPastPlan(invocation, reference);
  const file = await findPipelineFile(directory, reference);
  const { compilePipeline, readPlanFile } = await import("@tenon/core/internal");
  if (file.kind === "plan") return readPlanFile(file.path);
  const parameters = givenParameters(directory, options);
  const definition = await choosePipeline(file.path, options.pipeline);
  return compilePipeline(definition, { directory, ...parameters });
}

async function findPastPlan(invocation: Invocation, name: string): Promise<{ plan: Plan; text: string }> {
  return invocation.withClient(async (client) => {
    const run = await client.pipeline(name).runs.latest();
    const [plan, text] = await Promise.all([client.plan(run.plan), client.planText(run.plan)]);
    if (plan !== undefined && text !== undefined) return { plan, text };
    const { TenonError } = await import("@tenon/core/internal");
    throw new TenonError("PLAN_UNKNOWN", {
      doing: `looking for the plan of run ${run.id}`,
      found: `nothing is recorded under ${run.plan}`,
    });
  });
}
