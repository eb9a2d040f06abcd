import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { defaultCache, placeCode } from "../code/place-code.js";
import { attemptExitCodes } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import { toErrorRecord } from "../runtime/error-record.js";
import { worthRetrying } from "../runtime/retry.js";
import { type Bootstrap, type BundledCode, bootstrapVariable, workerIn } from "./bootstrap.js";
import { openStores } from "./stores.js";

type Bundled = Bootstrap & { readonly code: BundledCode };

/**
 * Brings the code of a run to this machine, with the runtime's Tenon, and has the code's own Tenon go on there.
 *
 * @returns the bootstrap, if the two are one and the same and this process can go on with it; else the exit code
 */
export async function enterBundle(bootstrap: Bundled, signal: AbortSignal): Promise<Bootstrap | number> {
  const started = performance.now();
  let entered: Bootstrap;
  let worker: string;
  try {
    const { code } = bootstrap;
    const cache = code.cache ?? defaultCache();
    const { directory } = await placeCode({ ...code, cache, signal, fetch: () => fetchBundle(bootstrap, signal) });
    const stateDirectory = join(cache, "state", encodeURIComponent(bootstrap.project));
    entered = { ...bootstrap, code: { kind: "shared", directory, stateDirectory, bundle: code } };
    worker = workerIn(directory);
    if (!existsSync(worker)) throw withoutTenon(directory);
    process.chdir(directory);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (signal.aborted) return attemptExitCodes.failedRetry;
    const recorded = await recordFailure(bootstrap, error, performance.now() - started).catch(() => false);
    return recorded || !worthRetrying(error) ? attemptExitCodes.failed : attemptExitCodes.failedRetry;
  }
  if (realpathSync(worker) === realpathSync(process.argv[1] ?? "")) return entered;
  return goOn(entered, worker, signal);
}

async function fetchBundle(bootstrap: Bundled, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  return withRuntime(bootstrap, async (kernel) => {
    const { artifactStore } = await kernel.resolveStack(bootstrap.stack as never, { kinds: ["artifactStore"] });
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of artifactStore.read(bootstrap.code.key, { signal })) pieces.push(piece);
    } catch (cause) {
      if (!TenonError.is(cause, "ARTIFACT_MISSING")) throw cause;
      throw new TenonError("CODE_CORRUPT", {
        doing: `fetching the code ${bootstrap.code.digest}`,
        found: `there is nothing at ${artifactStore.uri(bootstrap.code.key)}`,
        fix: "Use an artifact store that all machines reach under the same configuration.",
        cause,
      });
    }
    return (async function* () {
      yield* pieces;
    })();
  });
}

/** For the driver to read: what becomes of the attempt then is its decision. */
async function recordFailure(bootstrap: Bundled, error: unknown, durationMs: number): Promise<boolean> {
  const { task, runId } = bootstrap;
  if (task.do !== "attempt") return false;
  return withRuntime(bootstrap, async (kernel) => {
    const { ledger } = await openStores(kernel, bootstrap.stack, ["artifactStore", "metadataStore"]);
    const end = {
      outcome: "failed" as const,
      ended: new Date().toISOString(),
      durationMs: Math.round(durationMs),
      error: toErrorRecord(error),
    };
    return ledger.endAttempt(runId, task.stepId, task.attempt, end);
  });
}

async function withRuntime<T>({ project, code }: Bundled, use: (kernel: Kernel) => Promise<T>): Promise<T> {
  const kernel = await openKernel({ name: project, root: code.runtime });
  try {
    return await use(kernel);
  } finally {
    await kernel.dispose();
  }
}

/** The code has a Tenon of its own: two of them do not go into one process. */
async function goOn(bootstrap: Bootstrap, worker: string, signal: AbortSignal): Promise<number> {
  const child = spawn(process.execPath, [worker], {
    env: { ...process.env, [bootstrapVariable]: JSON.stringify(bootstrap) },
    stdio: "inherit",
  });
  signal.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // Killed without a word, as this process would be.
    child.on("exit", (code) => resolve(code ?? attemptExitCodes.failedRetry));
  });
}

function withoutTenon(directory: string): TenonError {
  return new TenonError("CODE_NOT_INSTALLED", {
    doing: `starting the code in ${directory}`,
    found: "there is no @tenon/core among its packages",
    fix: "Make it a dependency of the project.",
  });
}
