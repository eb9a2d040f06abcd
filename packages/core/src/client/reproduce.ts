import { spawn } from "node:child_process";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ProjectCheckout } from "../kernel/project.js";
import type { RunSource } from "../ledger/code-records.js";
import type { StackRecord } from "../ledger/records.js";
import type { RunSummary } from "../ledger/runs.js";
import { type SessionOptions, withKernel } from "../program/run.js";
import { openStores } from "../program/stores.js";
import { refuseInWorker } from "../program/worker-flag.js";
import { fromErrorRecord } from "../runtime/error-record.js";
import { checkoutProject, type PreparedCheckout } from "./project-checkout.js";
import type { ReproduceAnswer } from "./reproduce-here.js";
import type { Reproduction } from "./reproduction.js";
import { findRun } from "./runs.js";

export interface ReproduceOptions extends SessionOptions {
  /** Install the packages that the commit's lockfile names, if they are not those of the project. */
  readonly install?: boolean;
  /** Told when the commit is checked out, before its code runs. */
  onCheckout?(checkout: PreparedCheckout): void;
}

/** What the process that repeats a run has to know. */
export interface ReproduceRequest {
  readonly root: string;
  readonly stateDirectory: string;
  readonly checkout?: ProjectCheckout;
  readonly stack: StackRecord;
  readonly runId: string;
}

/** @see reproduce in index.ts */
export async function reproduce(runId: string, options: ReproduceOptions = {}): Promise<Reproduction> {
  refuseInWorker(`reproducing run ${runId}`);
  return withKernel(options, async (kernel) => {
    const { ledger, stack } = await openStores(kernel, options.stack);
    const run = await findRun(ledger, runId);
    const place = committedPlace(run, await ledger.code.sources(run.id));
    const prepared = place && (await prepare(kernel, place, options));
    if (prepared) options.onCheckout?.(prepared);
    const { root, stateDirectory } = kernel.project;
    const request: ReproduceRequest = {
      root,
      stateDirectory,
      ...(prepared && { checkout: prepared.project }),
      stack: stack.record,
      runId: run.id,
    };
    if (options.signal?.aborted) {
      const found = "it was cancelled before its code ran";
      throw new TenonError("RUN_CANCELLED", {
        doing: `reproducing run ${run.id}`,
        found,
        cause: options.signal.reason,
      });
    }
    const result = await inProcess(request, prepared?.project.directory ?? root, options.signal);
    return {
      ...result,
      ...(prepared && {
        commit: prepared.project.commit,
        directory: prepared.project.directory,
        dependencies: prepared.dependencies,
      }),
    };
  });
}

interface Place {
  readonly commit: string;
  readonly path: string;
}

/** The commit that all steps were in; `undefined` if all come from packages. @throws `RUN_NOT_REPRODUCIBLE` */
function committedPlace(run: RunSummary, sources: readonly RunSource[]): Place | undefined {
  const refuse = (found: string, fix: string): never => {
    throw new TenonError("RUN_NOT_REPRODUCIBLE", { doing: `reproducing run ${run.id}`, found, fix });
  };
  const again = "Commit the code and run the pipeline once more: what has not changed is cached.";
  if (run.status === "running") refuse("it goes on", "Wait for it to end.");
  if (sources.length === 0) refuse("nothing is recorded of where its code was", again);
  const loose = sources.filter(({ pinned }) => !pinned);
  if (loose.length > 0) {
    const reasons = loose.map(({ uncommitted = [], because }) =>
      uncommitted.length > 0 ? `not committed as it was: ${uncommitted.join(", ")}` : (because ?? "not committed"),
    );
    const steps = loose.flatMap((source) => source.steps);
    refuse(`the code of ${steps.join(", ")} is in no commit (${[...new Set(reasons)].join("; ")})`, again);
  }
  const local = sources.filter(({ commit, reference }) => commit !== undefined && reference.endsWith(`@${commit}`));
  const places = new Map(
    local.map(({ commit = "", directory = "" }) => [`${commit}:${directory}`, { commit, path: directory }]),
  );
  if (places.size > 1) {
    refuse(
      `it was resumed after other code had been checked out: its steps come from ${[...places.values()].map(({ commit }) => commit.slice(0, 12)).join(", ")}`,
      "Run the pipeline once more in one go.",
    );
  }
  return [...places.values()][0];
}

async function prepare(kernel: Kernel, { commit, path }: Place, options: ReproduceOptions): Promise<PreparedCheckout> {
  return checkoutProject(kernel.project, commit, { path, install: options.install === true, signal: options.signal });
}

const program = 'import { answerReproduction } from "@tenon/core/internal"; await answerReproduction();';

/**
 * In a process of its own: it works in the checkout's directory, and has the core that the code there imports. What
 * steps print goes to standard error.
 */
function inProcess(
  request: ReproduceRequest,
  directory: string,
  signal: AbortSignal | undefined,
): Promise<Reproduction> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      cwd: directory,
      env: { ...process.env, TENON_REPRODUCE: JSON.stringify(request) },
      stdio: ["ignore", 2, 2, "ipc"],
    });
    const cancel = () => child.connected && child.send({ type: "cancel" });
    signal?.addEventListener("abort", cancel, { once: true });
    let answer: ReproduceAnswer | undefined;
    child.on("message", (message) => {
      answer = message as ReproduceAnswer;
    });
    child.on("error", (cause) => reject(broken(`it cannot be started: ${cause.message}`, cause)));
    child.on("exit", (code) => {
      signal?.removeEventListener("abort", cancel);
      if (answer === undefined) return reject(broken(`it ended with exit code ${code} and said nothing`));
      if ("result" in answer) return resolve(answer.result);
      const { doing, found, fix, code: errorCode } = answer.failure;
      const cause = fromErrorRecord(answer.record);
      reject(
        errorCode === undefined
          ? broken(cause.message, cause)
          : new TenonError(errorCode, { doing, found, ...(fix !== undefined && { fix }), cause }),
      );
    });
  });
}

function broken(found: string, cause?: unknown): TenonError {
  const fix =
    "See above what it wrote. A version of Tenon in the checkout that is older than this command cannot repeat runs.";
  return new TenonError("REPRODUCTION_FAILED", { doing: "repeating a run in a process of its own", found, fix, cause });
}
