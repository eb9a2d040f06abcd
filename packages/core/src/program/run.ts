import { hostname, userInfo } from "node:os";
import { ulid } from "ulid";
import { type Compiled, compile } from "../compiler/compile.js";
import type { ParameterSource } from "../compiler/parameters.js";
import type { Hook, HookName } from "../contracts/hooks.js";
import { apiVersion } from "../contracts/integration.js";
import type { Kernel, KernelOptions } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import type { StackChoice } from "../kernel/stack-choice.js";
import type { RunRecord } from "../ledger/records.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import { driverName } from "../runtime/session.js";
import { checkCapabilities } from "./capabilities.js";
import { execute } from "./execute.js";
import { type GitState, gitState } from "./git-state.js";
import { storeLiterals } from "./literals.js";
import { readParameters } from "./parameters-file.js";
import { savePlan } from "./plan-files.js";
import { type LoadArtifact, type RunResult, runError, runResult } from "./run-result.js";
import { inRepository, recordCode } from "./source-pins.js";
import { openStores, type Stores } from "./stores.js";
import { refuseInWorker } from "./worker-flag.js";

/** What can be said about any session of a run. */
export interface SessionOptions {
  /** A name in `tenon.yaml`, or a stack in code; by default the project's active one. */
  readonly stack?: StackChoice;
  /** Ends the run as cancelled. */
  readonly signal?: AbortSignal;
  /** False returns a failed or cancelled run instead of throwing for it. */
  readonly throwOnFailure?: boolean;
  /** Put on the hook bus for this run. */
  readonly hooks?: { readonly [N in HookName]?: Hook<N> };
  /** Where the search for the project begins, upwards; by default the working directory. */
  readonly directory?: string;
  /** Registers what the program brings itself; see `KernelOptions`. */
  readonly configure?: KernelOptions["configure"];
  /** A kernel that is open already; it stays open. */
  readonly kernel?: Kernel;
}

export interface RunOptions<Parameters = Readonly<Record<string, unknown>>> extends SessionOptions {
  /** The pipeline's own by name, a step's as `step.parameter`. */
  readonly params?: Parameters;
  /** A YAML or JSON file of parameters; `params` wins over it. */
  readonly paramsFile?: string;
  /** Parameters as texts, from a command line; they win over all others. */
  readonly paramTexts?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** False runs every step, whatever earlier runs have made. */
  readonly cache?: boolean;
}

/** @see run in index.ts */
export async function run(pipeline: PipelineDefinition, options: RunOptions = {}): Promise<RunResult> {
  refuseInWorker(`running pipeline '${pipeline.name}'`);
  return withKernel(options, async (kernel) => {
    const git = gitState(kernel.project);
    const opening = openStores(kernel, options.stack);
    const compiling = compileFor(kernel, opening, pipeline, options);
    // Side by side; what is wrong with the stack is said before what is wrong with the pipeline.
    await Promise.allSettled([opening, compiling]);
    return startRun(kernel, await opening, await compiling, options, await git);
  });
}

/** What a run of a pipeline consists of. */
export async function compileFor(
  { project }: Kernel,
  stores: Stores | Promise<Stores>,
  pipeline: PipelineDefinition,
  options: RunOptions,
): Promise<Compiled> {
  return compile(pipeline, {
    parameters: await parameterSources(options),
    project,
    encode: async (value, type) => {
      const { vault } = await stores;
      const encoded = await vault.encode(value, type && { type });
      await encoded.dispose();
      return encoded;
    },
    fingerprints: true,
    reach: inRepository(project.code),
  });
}

/** Records a run of a plan, and carries it out. */
export async function startRun(
  kernel: Kernel,
  stores: Stores,
  started: Compiled,
  options: RunOptions,
  git: GitState | undefined,
): Promise<RunResult> {
  const { plan, digest, warnings } = started;
  const { record, session, literals, recorded } = await recordRun(kernel, stores, started, options, git, driverName());
  const executed = await execute({
    kernel,
    stores,
    plan,
    digest,
    record,
    session,
    literals,
    values: started.literals,
    steps: started.steps,
    force: options.cache === false,
    signal: options.signal,
  }).finally(() => recorded);
  return finish({ id: record.id, plan, digest, warnings, durationMs: executed.durationMs }, executed, stores, options);
}

/** Puts a run on record with all that belongs to it, so that whoever has the stack can carry it out. */
export async function recordRun(
  kernel: Kernel,
  stores: Stores,
  started: Compiled,
  options: RunOptions,
  git: GitState | undefined,
  driver: string | undefined,
) {
  const { plan, digest, text, warnings } = started;
  const { ledger, stack } = stores;
  await checkCapabilities(plan, stack, kernel);
  await kernel.hooks.emit("planCompiled", { plan, digest, warnings });
  const record: RunRecord = {
    id: ulid(),
    pipeline: plan.pipeline,
    plan: digest,
    stack: stack.record,
    created: new Date().toISOString(),
    user: userName(),
    host: hostname(),
    parameterOrigins: started.parameterOrigins,
    tags: [...new Set([...plan.tags, ...(options.tags ?? [])])],
    ...(git && { git }),
    ...(options.cache === false && { cache: false as const }),
    versions: { core: apiVersion, node: process.versions.node },
  };
  const [literals] = await Promise.all([
    storeLiterals(plan, started.literals, stores),
    savePlan(kernel.project, stores, { pipeline: plan.pipeline, digest, text }),
    ledger.expectArtifacts(plan.steps.flatMap(({ outputs }) => Object.values(outputs).map(({ artifact }) => artifact))),
  ]);
  if (driver === undefined) await ledger.startRun(record);
  else await ledger.startRun(record, driver);
  const session = { runId: record.id, number: driver === undefined ? 0 : 1 };
  const recorded = recordCode(kernel, ledger, session, started.code, git);
  recorded.catch(() => {});
  return { record, session: session.number, literals, recorded };
}

export function finish(
  ran: Parameters<typeof runResult>[0],
  executed: Parameters<typeof runResult>[1],
  stores: Stores,
  options: SessionOptions,
): RunResult {
  const result = runResult(ran, executed, loader(stores, options));
  const error = options.throwOnFailure === false ? undefined : runError(result);
  if (error) throw error;
  return result;
}

/** Outputs can be loaded after the run's kernel was closed: another one is opened for it. */
function loader(stores: Stores, options: SessionOptions): LoadArtifact {
  if (options.kernel) return (artifact, view) => stores.vault.load(artifact, view);
  return (artifact, view) =>
    withKernel(options, async (kernel) =>
      (await openStores(kernel, options.stack, ["artifactStore", "metadataStore"])).vault.load(artifact, view),
    );
}

export async function withKernel<T>(options: SessionOptions, use: (kernel: Kernel) => Promise<T>): Promise<T> {
  const { directory, configure } = options;
  const own = options.kernel
    ? undefined
    : await openKernel({ ...(directory && { cwd: directory }), ...(configure && { configure }) });
  const kernel = options.kernel ?? (own as Kernel);
  const taps = Object.entries(options.hooks ?? {}).map(([name, hook]) =>
    kernel.hooks.on(name as HookName, hook as never),
  );
  try {
    return await use(kernel);
  } finally {
    for (const off of taps) off();
    await own?.dispose();
  }
}

/** The weakest first. @throws `PARAMETER_INVALID` */
export async function parameterSources({
  params,
  paramsFile,
  paramTexts,
}: Pick<RunOptions, "params" | "paramsFile" | "paramTexts">): Promise<ParameterSource[]> {
  return [
    ...(paramsFile === undefined ? [] : [{ origin: "file" as const, values: await readParameters(paramsFile) }]),
    ...(params ? [{ origin: "code" as const, values: params }] : []),
    ...(paramTexts ? [{ origin: "command line" as const, values: paramTexts, text: true }] : []),
  ];
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env.USER ?? "unknown";
  }
}
