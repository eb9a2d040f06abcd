import { type ChildProcess, fork } from "node:child_process";
import type { Attempt, AttemptExit, AttemptServerAnswer, AttemptServerRequest } from "@tenon/core";
import type { AttemptRunner } from "./local-launcher.js";

const GRACE_MS = 5_000;

interface Task {
  readonly attempt: Attempt;
  begun(): void;
  end(exit: AttemptExit): void;
}

interface Worker {
  readonly child: ChildProcess;
  /** Module and arguments; a worker serves only attempts that name the same. */
  readonly kind: string;
  task: Task | undefined;
}

/** Child processes that stay warm between attempts, each running one at a time. */
export class ProcessPool implements AttemptRunner {
  readonly #workers = new Set<Worker>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  run(attempt: Attempt, signal: AbortSignal, begun: () => void): Promise<AttemptExit> {
    if (signal.aborted) return Promise.resolve({ kind: "cancelled" });
    return new Promise((resolve) => {
      const worker = this.#idle(attempt) ?? this.#fork(attempt);
      let kill: NodeJS.Timeout | undefined;
      const cancel = () => {
        tell(worker, { type: "cancel", id: attempt.id });
        kill = setTimeout(() => worker.child.kill("SIGKILL"), GRACE_MS);
      };
      worker.task = {
        attempt,
        begun,
        end: (exit) => {
          clearTimeout(kill);
          signal.removeEventListener("abort", cancel);
          worker.task = undefined;
          resolve(signal.aborted && exit.kind === "crashed" ? { kind: "cancelled" } : exit);
        },
      };
      signal.addEventListener("abort", cancel, { once: true });
      tell(worker, { type: "run", id: attempt.id, request: attempt.process.request });
    });
  }

  async dispose(): Promise<void> {
    const ending = [...this.#workers].map(
      ({ child }) =>
        new Promise<void>((resolve) => {
          child.once("exit", () => resolve());
          if (child.connected) child.disconnect();
          setTimeout(() => child.kill("SIGKILL"), 500).unref();
        }),
    );
    await Promise.all(ending);
  }

  #idle(attempt: Attempt): Worker | undefined {
    const kind = kindOf(attempt);
    for (const worker of this.#workers) if (!worker.task && worker.kind === kind) return worker;
    if (this.#workers.size < this.#size) return undefined;
    for (const worker of this.#workers) {
      if (worker.task) continue;
      this.#workers.delete(worker);
      if (worker.child.connected) worker.child.disconnect();
      break;
    }
    return undefined;
  }

  #fork(attempt: Attempt): Worker {
    const { server, directory, environment } = attempt.process;
    const child = fork(server.module, [], {
      cwd: directory,
      execArgv: [...server.execArgv],
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    const worker: Worker = { child, kind: kindOf(attempt), task: undefined };
    this.#workers.add(worker);
    child.on("message", (answer: AttemptServerAnswer) => this.#answer(worker, answer));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        worker.task?.attempt.receive({ type: "output", text });
      });
    }
    child.once("error", (error) => this.#lost(worker, `its process could not be started: ${error.message}`));
    // `close` comes after the last of what it has written, `exit` may not.
    child.once("close", (code, signal) => this.#lost(worker, endOf(child.pid, code, signal)));
    return worker;
  }

  #answer(worker: Worker, answer: AttemptServerAnswer): void {
    const { task } = worker;
    if (answer.type === "ready" || answer.id !== task?.attempt.id) return;
    if (answer.type === "begun") task.begun();
    else if (answer.type === "message") task.attempt.receive(answer.message);
    else task.end(answer.exit);
  }

  #lost(worker: Worker, reason: string): void {
    this.#workers.delete(worker);
    worker.task?.end({ kind: "crashed", reason, retry: false });
  }
}

function kindOf({ process: { server, directory } }: Attempt): string {
  return JSON.stringify([server, directory]);
}

function tell({ child }: Worker, request: AttemptServerRequest): void {
  if (child.connected) child.send(request, () => {});
}

function endOf(pid: number | undefined, code: number | null, signal: NodeJS.Signals | null): string {
  const how = signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
  const hint = signal === "SIGABRT" || code === 134 ? " (out of memory, perhaps: its log says more)" : "";
  return `its process ${pid ?? ""} ${how}${hint}`;
}
