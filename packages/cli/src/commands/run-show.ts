import type { AttemptSummary, Client, Plan, ReadRun, RunSource, StepRunRecord } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { onStack } from "../on-stack.js";
import { type Failure, failureText, ownCode } from "../terminal/failure.js";
import { ago, brief, duration, moment } from "../terminal/format.js";
import { statusText } from "../terminal/status.js";
import { formatTable } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { words } from "./words.js";

interface RunDetails {
  readonly run: ReadRun;
  readonly plan: Plan | undefined;
  readonly steps: readonly StepRunRecord[];
  readonly sources: readonly RunSource[];
  readonly attempts: readonly AttemptSummary[];
}

async function readRun(client: Client, reference: string): Promise<RunDetails> {
  const run = await client.runs.get(reference);
  const [plan, steps, sources, attempts] = await Promise.all([
    client.plan(run.plan),
    run.steps(),
    run.sources(),
    run.attempts(),
  ]);
  return { run, plan, steps: inPlanOrder(steps, plan), sources, attempts };
}

export async function showRun(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const details = await invocation.withClient((client) => readRun(client, reference));
  const { run, plan, steps, sources, attempts } = details;
  const jobs = attempts.flatMap(({ stepId, number, launch }) =>
    launch ? [{ stepId, attempt: number, ...launch }] : [],
  );
  if (options.json)
    terminal.printJson({ ...run, parameters: plan?.parameters, steps, sources, ...(jobs.length > 0 && { jobs }) });
  else terminal.print(describeRun(details, terminal, { verbose: invocation.verbose, stack: options.stack }));
  return undefined;
}

function describeRun(
  { run, plan, steps, sources, attempts }: RunDetails,
  terminal: Terminal,
  { verbose, stack }: { readonly verbose: boolean; readonly stack: string | undefined },
): string {
  const { colors } = terminal;
  const components = Object.entries(run.stack.components).map(([kind, { flavor }]) => `${words(kind)} ${flavor}`);
  const time = run.durationMs === undefined ? "" : `, ${duration(run.durationMs)}`;
  const facts: [string, string][] = [
    ["status", statusText(run.brokeOff ? "broke off" : run.status, terminal) + time],
    ["started", `${moment(run.created)} (${ago(run.created)})`],
    ["stack", `${run.stack.name} ${colors.dim(components.join(", "))}`],
    ["by", `${run.user} on ${run.host}`],
    ["plan", run.plan],
    ["versions", `core ${run.versions.core}, Node ${run.versions.node}`],
  ];
  if (run.git) facts.push(["commit", run.git.commit + (run.git.dirty ? ", with uncommitted changes" : "")]);
  if (sources.length > 0) facts.push(["code", codeText(sources)]);
  if (run.reproduces !== undefined) facts.push(["repeats", `run ${run.reproduces}`]);
  if (run.tags.length > 0) facts.push(["tags", run.tags.join(", ")]);
  const width = Math.max(...facts.map(([name]) => name.length));
  const parts = [
    [
      `${colors.bold(run.pipeline)}  run ${run.id}`,
      ...facts.map(([name, value]) => `  ${colors.dim(name.padEnd(width))}  ${value}`),
    ].join("\n"),
  ];
  const parameters = parameterRows({ run, plan });
  if (parameters.length > 0) {
    const columns = [{ title: "PARAMETER" }, { title: "VALUE" }, { title: "FROM" }];
    parts.push(formatTable(columns, parameters, terminal));
  }
  const jobs = new Map(attempts.flatMap(({ stepId, launch }) => (launch ? [[stepId, launch.job ?? launch.id]] : [])));
  const rows = [...steps.map((step) => stepRow(step, terminal)), ...goingOn({ run, steps, attempts }, terminal)];
  if (rows.length > 0) {
    const columns = [
      { title: "STEP" },
      { title: "STATUS" },
      { title: "TIME", align: "right" as const, rank: 1 },
      { title: "ARTIFACTS", rank: 0 },
      ...(jobs.size > 0 ? [{ title: "JOB", rank: 2 }] : []),
    ];
    parts.push(
      formatTable(
        columns,
        jobs.size > 0 ? rows.map((row) => [...row, jobs.get(row[0] as string) ?? ""]) : rows,
        terminal,
      ),
    );
  }
  for (const step of steps) if (step.error) parts.push(describeFailure(step.stepId, step.error, terminal, verbose));
  if (run.status === "failed" || run.status === "cancelled" || run.brokeOff) {
    parts.push(colors.cyan(`To go on from here: ${onStack(`tenon run resume ${run.id}`, { stack })}`));
  }
  return parts.join("\n\n");
}

/** Whether the run could be repeated from what is committed. */
function codeText(sources: readonly RunSource[]): string {
  const loose = sources.filter(({ pinned }) => !pinned);
  if (loose.length === 0) return "pinned: tenon run reproduce can repeat it";
  const reasons = new Set(
    loose.map(({ uncommitted, because }) => because ?? `${uncommitted?.join(", ")} not committed`),
  );
  return `not pinned: ${[...reasons].join("; ")}`;
}

function stepRow(step: StepRunRecord, terminal: Terminal): string[] {
  const outputs = Object.values(step.outputs).join(", ");
  return [
    step.stepId,
    statusText(step.status, terminal),
    step.status === "cached" ? "" : duration(step.durationMs),
    outputs || (step.because ?? ""),
  ];
}

/** Steps that have begun and not ended. */
function goingOn(
  { run, steps, attempts }: Pick<RunDetails, "run" | "steps" | "attempts">,
  terminal: Terminal,
): string[][] {
  const ended = new Set(steps.map(({ stepId }) => stepId));
  if (run.status !== "running" || run.brokeOff) return [];
  return attempts
    .filter(({ stepId, end }) => end === undefined && !ended.has(stepId))
    .map(({ stepId, number, started }) => [
      stepId,
      statusText("running", terminal),
      duration(Math.max(0, Date.now() - Date.parse(started))),
      number > 1 ? `attempt ${number}` : "",
    ]);
}

/** Which step failed and why, with the part of the stack that is the user's. */
function describeFailure(stepId: string, error: Failure, terminal: Terminal, verbose: boolean): string {
  const { colors, symbols } = terminal;
  const code = ownCode(error);
  const { lines, frames } = failureText(error, verbose);
  return [
    `${colors.red(`${symbols.failed} ${colors.bold(stepId)} failed`)}${code ? `  ${colors.bold(code)}` : ""}`,
    ...lines.map((line) => `    ${line}`),
    ...frames.map((frame) => colors.dim(`      ${frame}`)),
  ].join("\n");
}

function parameterRows({ run, plan }: Pick<RunDetails, "run" | "plan">): string[][] {
  const values = new Map<string, unknown>(Object.entries(plan?.parameters ?? {}));
  for (const step of plan?.steps ?? []) {
    for (const [name, value] of Object.entries(step.parameters)) values.set(`${step.id}.${name}`, value);
  }
  return [...values].map(([name, value]) => [name, brief(value), run.parameterOrigins[name] ?? ""]);
}

function inPlanOrder(steps: readonly StepRunRecord[], plan: Plan | undefined): StepRunRecord[] {
  const places = new Map(plan?.steps.map((step, place) => [step.id, place]));
  const place = (id: string) => places.get(id) ?? places.get(id.replace(/\[\d+\]$/, "")) ?? Number.POSITIVE_INFINITY;
  const element = (id: string) => Number(/\[(\d+)\]$/.exec(id)?.[1] ?? -1);
  return [...steps].sort((a, b) => place(a.stepId) - place(b.stepId) || element(a.stepId) - element(b.stepId));
}
