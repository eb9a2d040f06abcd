import type { AttemptServerAnswer, AttemptServerRequest } from "../contracts/orchestrator.js";
import { attemptExitCodes } from "../contracts/orchestrator.js";
import { AttemptHost, type AttemptRequest } from "./attempt-host.js";
import { markWorker } from "./worker-flag.js";

/**
 * The program of a process that runs attempts. Forked, it serves one after the other over the channel to its parent;
 * started from a command line, it runs the one that `TENON_ATTEMPT` describes, or the step that `TENON_STEP` does, and
 * says with its exit code how it went.
 */
markWorker();
const host = new AttemptHost();

if (process.send) serve(process.send.bind(process));
else if (process.env.TENON_STEP)
  await runOne(process.env.TENON_STEP, (text, signal) => host.runStep(JSON.parse(text), signal));
else await runOne(process.env.TENON_ATTEMPT, (text, signal) => host.run(JSON.parse(text), signal, () => {}));

function serve(send: (answer: AttemptServerAnswer) => void): void {
  const aborts = new Map<string, AbortController>();
  process.on("message", (message: AttemptServerRequest) => {
    if (message.type === "cancel") {
      aborts.get(message.id)?.abort(new Error("The attempt was cancelled"));
      return;
    }
    const { id, request } = message;
    const abort = new AbortController();
    aborts.set(id, abort);
    host
      .run(
        request as unknown as AttemptRequest,
        abort.signal,
        (inner) => send({ type: "message", id, message: inner }),
        () => send({ type: "begun", id }),
      )
      .then(
        (outcome) => send({ type: "exited", id, exit: { kind: outcome === "cancelled" ? "cancelled" : "ended" } }),
        (error: unknown) => {
          const reason = error instanceof Error ? error.message : String(error);
          send({ type: "exited", id, exit: { kind: "crashed", reason, retry: false } });
        },
      )
      .finally(() => aborts.delete(id));
  });
  // Without its driver a worker has nothing to do.
  process.on("disconnect", () => process.exit(0));
  process.on("SIGINT", () => {});
  send({ type: "ready" });
}

async function runOne(
  request: string | undefined,
  run: (request: string, signal: AbortSignal) => Promise<string>,
): Promise<void> {
  const abort = new AbortController();
  process.on("SIGTERM", () => abort.abort(new Error("The process was told to end")));
  if (request === undefined) {
    process.stderr.write("Neither TENON_ATTEMPT nor TENON_STEP is set: this program is started by an orchestrator.\n");
    process.exitCode = attemptExitCodes.failed;
    return;
  }
  try {
    const outcome = await run(request, abort.signal);
    process.exitCode = outcome === "failed" ? attemptExitCodes.failed : attemptExitCodes.succeeded;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = attemptExitCodes.failedRetry;
  } finally {
    await host.dispose();
  }
}
