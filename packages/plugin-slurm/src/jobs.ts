import type { AttemptStatus } from "@tenon/core";
import { attemptExit, attemptExitCodes } from "@tenon/core";

/** A job, or an element of an array of jobs, as the queue or the accounting shows it. */
export interface Job {
  /** `12`, or `12_3`. */
  readonly id: string;
  /** Under which it was submitted, where Slurm says it. */
  readonly name?: string;
  /** `RUNNING`, in Slurm's own words. */
  readonly state: string;
  /** Why it waits, or ended: `Resources`, `TimeLimit`. */
  readonly reason: string;
  readonly code: number;
  readonly signal: number;
  readonly nodes: string;
}

const waiting = new Set([
  "PENDING",
  "CONFIGURING",
  "REQUEUED",
  "REQUEUE_FED",
  "REQUEUE_HOLD",
  "RESV_DEL_HOLD",
  "SPECIAL_EXIT",
]);
const running = new Set(["RUNNING", "COMPLETING", "RESIZING", "SIGNALING", "STAGE_OUT", "STOPPED", "SUSPENDED"]);
/** Its node or its place was taken from it; elsewhere it may well succeed. */
const lost: Readonly<Record<string, string>> = {
  NODE_FAIL: "its node failed",
  BOOT_FAIL: "its node could not be started",
  PREEMPTED: "another job was given its place",
  REVOKED: "its cluster gave it away",
  FORGOTTEN: "it has left the queue, and there is no accounting that tells how",
};
/** A job waits for ever for these. */
const hopeless: Readonly<Record<string, string>> = {
  BadConstraints: "no node can ever give it what it asks for",
  DependencyNeverSatisfied: "what it waits for has failed",
  JobLaunchFailure: "Slurm could not start it",
  PartitionNodeLimit: "its partition does not give so many nodes to a job",
  PartitionTimeLimit: "its partition does not let a job run for so long",
};
const outOfMemory = "it used more memory than it had asked for. Ask for more with resources.memory";

export type JobStatus = AttemptStatus & {
  readonly job: string;
  /** It is in the queue, and would stay there. */
  readonly stuck?: boolean;
};

export function statusOf(job: Job, cancelled: boolean): JobStatus {
  const { id, state, reason } = job;
  const hold = hopeless[reason] ?? (/^launch failed/i.test(reason) ? hopeless.JobLaunchFailure : undefined);
  if (waiting.has(state) && hold !== undefined) return { ...crashed(id, `${hold} (${reason})`, false), stuck: true };
  if (waiting.has(state)) return { state: "waiting", job: id };
  if (running.has(state)) return { state: "running", job: id };
  if (state === "COMPLETED") return { state: "exited", exit: { kind: "ended" }, job: id };
  if (state === "CANCELLED") {
    if (cancelled) return { state: "exited", exit: { kind: "cancelled" }, job: id };
    return crashed(id, "somebody cancelled it with scancel", false, job);
  }
  if (lost[state] !== undefined) return crashed(id, lost[state] as string, true, job);
  if (state === "TIMEOUT") {
    return crashed(id, "it reached its time limit. Reserve more with resources.time", false, job);
  }
  if (state === "DEADLINE") return crashed(id, "it could not have ended before its deadline", false, job);
  if (state === "OUT_OF_MEMORY") return crashed(id, outOfMemory, false, job);
  return failed(job);
}

/** Of a process that ended by itself the ledger says how. */
function failed(job: Job): JobStatus {
  const { id, code, signal, reason, state } = job;
  // A process that ends well has completed.
  if (signal === 0 && code === 0) return crashed(id, `Slurm could not run it to its end (${reason})`, true, job);
  if (signal === 0 && Object.values<number>(attemptExitCodes).includes(code)) {
    const exit = attemptExit(code);
    if (exit.kind === "crashed") return crashed(id, `${exit.reason}. What it printed says why`, exit.retry, job);
    return { state: "exited", exit, job: id };
  }
  const by = signal > 0 ? signal : code > 128 ? code - 128 : 0;
  if (by === 9) return crashed(id, "its process was killed (SIGKILL): out of memory, perhaps", false, job);
  if (by > 0) return crashed(id, `its process was ended by signal ${by}`, false, job);
  if (code === 127) return crashed(id, "its directory or its program was not found there", false, job);
  return crashed(id, `its process ended with exit code ${code} (${state}, ${reason})`, false, job);
}

function crashed(id: string, why: string, retry: boolean, job?: Job): JobStatus {
  const where = job?.nodes ? ` on ${job.nodes}` : "";
  return {
    state: "exited",
    exit: { kind: "crashed", reason: `Slurm job ${id} ended${where}: ${why}`, retry },
    job: id,
  };
}
