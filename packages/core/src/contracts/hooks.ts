import type { Plan, PlannedStep } from "./plan.js";

/** What a tap of each hook is given: one object. Taps are awaited; they observe and cannot change what happens. */
export interface HookContexts {
  integrationActivated: { readonly integration: string; readonly version: string; readonly durationMs: number };
  stackResolved: { readonly stack: string; readonly components: Readonly<Record<string, string>> };
  planCompiled: {
    readonly plan: Plan;
    readonly digest: string;
    /** What its author should know, such as a step that can never be cached. */
    readonly warnings: readonly string[];
  };
  runStarted: { readonly runId: string; readonly plan: Plan; readonly digest: string; readonly resumed: boolean };
  stepStarting: StepContext;
  stepCached: StepContext & { readonly outputs: Readonly<Record<string, ArtifactSummary>>; readonly fromRun: string };
  stepStarted: StepContext & { readonly attempt: number };
  /** The length of a map's list is known; of its elements, so many were done in earlier sessions of the run. */
  stepMapped: StepContext & { readonly elements: number; readonly done: number };
  stepProgress: StepContext & {
    readonly attempt: number;
    readonly done: number;
    readonly total: number | undefined;
    readonly fields: Readonly<Record<string, string | number>>;
  };
  stepFinished: StepContext & {
    readonly attempt: number;
    readonly durationMs: number;
    readonly outputs: Readonly<Record<string, ArtifactSummary>>;
  };
  stepFailed: StepContext & { readonly attempt: number; readonly durationMs: number; readonly error: Error };
  stepRetrying: StepContext & { readonly attempt: number; readonly delayMs: number; readonly error: Error };
  stepSkipped: StepContext & { readonly because: string };
  artifactSaved: { readonly runId: string; readonly stepId: string; readonly artifact: ArtifactSummary };
  artifactLoaded: { readonly runId: string; readonly stepId: string; readonly artifact: ArtifactSummary };
  runFinished: { readonly runId: string; readonly status: RunStatus; readonly durationMs: number };
}

export type RunStatus = "running" | "succeeded" | "failed" | "cancelled";

export interface StepContext {
  readonly runId: string;
  /** Unique in the run: `fit`, or `fit[3]` for the fourth element of a map. */
  readonly stepId: string;
  readonly step: PlannedStep;
}

export interface ArtifactSummary {
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type HookName = keyof HookContexts;
export type HookHandler<N extends HookName> = (context: HookContexts[N]) => void | Promise<void>;

/** A function, or one with a place: `pre` before all plain ones, `post` after them. */
export type Hook<N extends HookName> =
  | HookHandler<N>
  | { readonly handler: HookHandler<N>; readonly order?: "pre" | "normal" | "post" };

/** The hook bus as plugins see it. */
export interface Hooks {
  /** Returns a function that takes the tap off again. */
  on<N extends HookName>(name: N, hook: Hook<N>): () => void;
}
