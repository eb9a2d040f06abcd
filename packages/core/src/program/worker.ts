import type { AttemptServerAnswer, AttemptServerRequest } from "../contracts/orchestrator.js";
import { attemptExitCodes } from "../contracts/orchestrator.js";
import { AttemptHost, type Told } from "./attempt-host.js";
import { type Bootstrap, bootstrapVariable } from "./bootstrap.js";

/**
 * The program of a process that does a part of a run. Forked, it serves attempts one after the other over the channel to
 * its parent; started from a command line, it does what its bootstrap says, and tells with its exit code how that went.
 */
const GRACE_MS = 5_000;

const host = new AttemptHost();

if (process.send) serve(process.send.bind(process));
else await runOne(process.env[bootstrapVariable]);

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
        request as unknown as Told<"attempt">,
        abort.signal,
        (inner) => send({ type: "message", id, message: inner }),
        { begun: () => send({ type: "begun", id }) },
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

async function runOne(text: string | undefined): Promise<void> {
  const abort = new AbortController();
  process.on("SIGTERM", () => abort.abort(new Error("The process was told to end")));
  if (text === undefined) {
    process.stderr.write(`${bootstrapVariable} is not set: this program is started by an orchestrator.\n`);
    process.exitCode = attemptExitCodes.failed;
    return;
  }
  try {
    let bootstrap = JSON.parse(text) as Bootstrap;
    if (bootstrap.code.kind === "bundle") {
      const { enterBundle } = await import("./enter-bundle.js");
      const entered = await enterBundle({ ...bootstrap, code: bootstrap.code }, abort.signal);
      if (typeof entered === "number") {
        process.exitCode = entered;
        return;
      }
      bootstrap = entered;
    }
    const outcome = await perform(bootstrap, abort.signal);
    process.exitCode = exitCodeOf(outcome);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = attemptExitCodes.failedRetry;
  } finally {
    await host.dispose();
    // A step that was given up may clean up after itself; one that pays no heed to its signal is not waited for.
    setTimeout(() => process.exit(), GRACE_MS).unref();
  }
}

function exitCodeOf(outcome: string): number {
  if (outcome === "failed") return attemptExitCodes.failed;
  // The engine has told the process to end; nobody has given the attempt up.
  return outcome === "cancelled" ? attemptExitCodes.failedRetry : attemptExitCodes.succeeded;
}

async function perform(bootstrap: Bootstrap, signal: AbortSignal): Promise<string> {
  const { task } = bootstrap;
  if (task.do === "attempt") return host.runAlone({ ...bootstrap, task }, signal);
  if (task.do === "step") return host.runStep({ ...bootstrap, task }, signal);
  await (await import("./drive.js")).drive(bootstrap, task, signal);
  return "driven";
}
