import type { CodeSetting } from "./code-setting.js";
import type { RunStatus } from "./hooks.js";
import type { JsonObject } from "./json.js";
import type { Plan, Resources } from "./plan.js";
import type { Probed } from "./probe.js";

/** What an orchestrator can do; a plan that asks for more is refused before anything starts. */
export interface Capabilities {
  /** Attempts that run at the same time, at most. */
  readonly parallel: number;
  /** True if steps run where the submitting process' memory is not: in another process, or on another machine. */
  readonly remote: boolean;
  readonly schedule: boolean;
  /** Which resources it can reserve, and how much of each at most for one step (`Infinity`: not known). */
  readonly resources: Readonly<Partial<Record<keyof Resources, number>>>;
}

/** A recorded run that is to be carried out: every step of the plan after those that it waits for. */
export interface Submission {
  readonly runId: string;
  readonly plan: Plan;
  readonly planDigest: string;
  /** Ids of the steps that earlier sessions of the run have done: nothing has to be started for them. */
  readonly done: ReadonlySet<string>;
  /** Aborts when the run is to be cancelled; `RunHandle.cancel` is called, too. */
  readonly signal?: AbortSignal;
  /**
   * For a fresh process: the program that carries out one step, with its cache look-up, retries and timeout, all elements
   * of a map included, and records what came of it. Starting it twice does no harm. It ends with one of
   * `attemptExitCodes`; 0 also if the step had nothing to do.
   */
  process(stepId: string): StepProcess;
  /** The same in this process. */
  runStep(stepId: string, signal?: AbortSignal): Promise<StepEnd>;
}

/** A step that waits for one that has not succeeded ends as skipped. */
export type StepEnd = "succeeded" | "cached" | "failed" | "skipped" | "cancelled";

export interface StepProcess {
  readonly command: readonly [string, ...string[]];
  /** What it needs beyond its own. Holds no secret, only references to them. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
}

export interface RunHandle {
  readonly runId: string;
  status(): Promise<RunStatus>;
  /** Resolves when the run has ended, however it ended. */
  wait(): Promise<RunStatus>;
  /** Resolves once the request is recorded; the run ends as `cancelled` soon after. */
  cancel(): Promise<void>;
  /** The lines of all steps, or of one. */
  logs(stepId?: string): AsyncIterable<string>;
}

/**
 * Takes a whole plan. Most engines are better served by a `Launcher` under core's driver. Hooks of steps are heard in the
 * process that runs them; what steps write is kept by them if they have the state directory, else `RunHandle.logs` has it.
 */
export interface Orchestrator extends Pick<Probed, "probe"> {
  readonly capabilities: Capabilities;
  /** As for a `Launcher`. */
  readonly code?: CodeSetting;
  submit(submission: Submission): Promise<RunHandle>;
  /** As for a `Launcher`. */
  judge?(steps: readonly JudgedStep[]): Promise<readonly (string | undefined)[]>;
  /** As for a `Launcher`. */
  launchDriver?(job: DriverJob): Promise<string>;
  dispose?(): Promise<void> | void;
}

/**
 * One attempt of one step, with everything that is needed to run it. Engines may start an attempt more than once: of
 * several, one commits, the others find out and clean up.
 */
export interface Attempt {
  /** Unique in the metadata store, fit for a job name: letters, digits, `-`, `_` and `.`. */
  readonly id: string;
  readonly runId: string;
  readonly stepId: string;
  /** 1 for the first. */
  readonly number: number;
  readonly resources: Resources;
  /** The block of the step's `engine` settings that belongs to this launcher's integration, as its schema gave it. */
  readonly engine: JsonObject;
  /** In milliseconds; the attempt's process, or the driver, ends it after it. An engine may have a limit somewhat above. */
  readonly timeout: number | undefined;
  /** For a fresh process: the command line, the environment that it needs beyond its own, the directory to start in. */
  readonly process: AttemptProcess;
  /** For this process: runs the attempt here. Never rejects. */
  run(signal: AbortSignal): Promise<AttemptExit>;
  /** Hand over what the attempt's process sends or prints, where there is a channel for it; the order is kept. */
  receive(message: AttemptMessage): void;
}

/** What comes out of an attempt while it runs in a process of its own. */
export type AttemptMessage =
  | {
      readonly type: "progress";
      readonly done: number;
      readonly total?: number;
      readonly fields: Readonly<Record<string, string | number>>;
    }
  /** Something written to the process' standard output or error that the attempt could not catch itself. */
  | { readonly type: "output"; readonly text: string };

/** What an attempt server (`AttemptProcess.server`) is sent, and what it answers. */
export type AttemptServerRequest =
  | { readonly type: "run"; readonly id: string; readonly request: JsonObject }
  /** Ends the attempt as cancelled as soon as its step lets it. */
  | { readonly type: "cancel"; readonly id: string };
export type AttemptServerAnswer =
  | { readonly type: "ready" }
  /** The process is there and turns to the attempt: from now on it is `running`, and its time counts. */
  | { readonly type: "begun"; readonly id: string }
  | { readonly type: "message"; readonly id: string; readonly message: AttemptMessage }
  | { readonly type: "exited"; readonly id: string; readonly exit: AttemptExit };

/** Its program ends with one of `attemptExitCodes`. */
export interface AttemptProcess extends StepProcess {
  /** A module for `child_process.fork` that serves many attempts, one after the other: send it `request`. */
  readonly server: { readonly module: string; readonly execArgv: readonly string[] };
  readonly request: JsonObject;
}

/** What became of an attempt, as far as its launcher can see; the ledger has the last word. */
export type AttemptExit =
  /** It ended by itself; the ledger says how. */
  | { readonly kind: "ended" }
  /** It ended, or was ended, without recording anything: killed, out of memory, node lost. */
  | { readonly kind: "crashed"; readonly reason: string; readonly retry: boolean }
  | { readonly kind: "cancelled" };

export const attemptExitCodes = { succeeded: 0, failed: 10, failedRetry: 11 } as const;

/**
 * What became of an attempt whose process has ended.
 *
 * @param code its exit code, if it has one
 * @param how it ended otherwise: `SIGKILL`, `out of memory`, `node failed`
 * @param retry whether the engine's reason is one that another try may not meet
 */
export function attemptExit(code: number | null, how?: string, retry = false): AttemptExit {
  if (code === attemptExitCodes.succeeded || code === attemptExitCodes.failed) return { kind: "ended" };
  if (code === attemptExitCodes.failedRetry) {
    return { kind: "crashed", reason: "its process could not do its work, and may another time", retry: true };
  }
  const reason = how === undefined ? `its process ended with exit code ${code}` : `its process was ended: ${how}`;
  return { kind: "crashed", reason, retry };
}

export type AttemptStatus =
  | {
      readonly state: "waiting" | "running" /** The engine's own name for it: a job id, a process id. */;
      readonly job?: string;
    }
  | { readonly state: "exited"; readonly exit: AttemptExit; readonly job?: string };

/** The process that drives a detached run. Starting it twice does no harm: one of the two drives. */
export interface DriverJob {
  /** Fit for a job name, as an attempt's. */
  readonly id: string;
  readonly runId: string;
  /** Ends with one of `attemptExitCodes`: it drove the run to its end (however that was), or should be started again. */
  readonly process: StepProcess;
}

/** What a step will ask of an engine. */
export type JudgedStep = Pick<Attempt, "stepId" | "resources" | "engine" | "timeout">;

/** What an engine says of an attempt that it does not take; others that came with it may be fine. */
export interface LaunchRefusal {
  /** What was found, a clause: `Requested node configuration is not available`. */
  readonly refused: string;
  /** What to do about it, a sentence. */
  readonly fix?: string;
}

/** Starts attempts and says what became of them. It has nothing to decide. */
export interface Launcher extends Pick<Probed, "probe"> {
  readonly capabilities: Capabilities;
  /**
   * Asks the engine before a run is recorded whether it would take such steps, for what `capabilities` cannot tell: a queue
   * that there is not, an account that may not use it. One clause each where it would not: `it has no partition 'gpu'`.
   */
  judge?(steps: readonly JudgedStep[]): Promise<readonly (string | undefined)[]>;
  /**
   * True if what `launch` returns means the same to another process on another machine: a driver that takes a run over
   * then goes on with the attempts that are under way. Without it they are given up and started anew.
   */
  readonly lasting?: boolean;
  /**
   * How the project's code comes to where attempts run. With it an attempt whose code has another fingerprint than the
   * run's refuses to start. Absent: they run on this machine, in the project's directory.
   */
  readonly code?: CodeSetting;
  /**
   * Resolves once the engine has said whether it takes them, in the same order: with an id, which is what the other methods
   * take, or with a refusal, which fails that attempt's step and no other. It throws where the engine itself is out of
   * order; then none of them is to run.
   *
   * @param signal aborts when nobody wants them any more: whoever still waits for the engine gives up, and throws
   */
  launch(attempts: readonly Attempt[], signal: AbortSignal): Promise<readonly (string | LaunchRefusal)[]>;
  /** One status an id. An id that the engine has forgotten counts as crashed. */
  poll(ids: readonly string[]): Promise<readonly AttemptStatus[]>;
  /** Resolves once the engine has been told; the attempts exit later. */
  cancel(ids: readonly string[]): Promise<void>;
  logs(id: string): AsyncIterable<string>;
  /**
   * Starts the driver of a detached run as a job of the engine; resolves with the engine's name for it once that has
   * accepted it. Without it the driver is a process of the machine from which the run was submitted.
   */
  launchDriver?(job: DriverJob): Promise<string>;
  /**
   * Resolves when one of the ids may have exited. Without it the driver polls at growing intervals.
   */
  changed?(ids: readonly string[], signal: AbortSignal): Promise<void>;
  dispose?(): Promise<void> | void;
}

export function isLauncher(value: Orchestrator | Launcher): value is Launcher {
  return "launch" in value;
}
