import type { Hook, HookContexts, HookHandler, HookName, Hooks } from "../contracts/hooks.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { AsyncSeriesHook } from "./async-series-hook.js";

const stages = { pre: -100, normal: 0, post: 100 } as const;

const names: Readonly<Record<HookName, true>> = {
  integrationActivated: true,
  stackResolved: true,
  planCompiled: true,
  runStarted: true,
  stepStarting: true,
  stepCached: true,
  stepStarted: true,
  stepMapped: true,
  stepProgress: true,
  stepFinished: true,
  stepFailed: true,
  stepRetrying: true,
  stepSkipped: true,
  artifactSaved: true,
  artifactLoaded: true,
  runFinished: true,
};

/** In the order in which a run meets them. */
export const hookNames = Object.keys(names) as readonly HookName[];

interface Tap {
  readonly owner: string;
  readonly handler: HookHandler<never>;
  readonly stage: number;
}

/**
 * The hooks of one kernel. Taps are called one after the other, each awaited: `pre` ones, plain ones, `post` ones, in the
 * order in which they came. They observe: one that fails is reported as `HOOK_FAILED`, which names who put it there, and
 * neither the other taps nor the run are touched by it.
 */
export class HookBus implements Hooks {
  readonly #taps = new Map<HookName, Tap[]>();
  readonly #sequences = new Map<HookName, AsyncSeriesHook<[unknown]>>();
  readonly #report: (failure: TenonError) => void;

  constructor(report: (failure: TenonError) => void = () => {}) {
    this.#report = report;
  }

  /** @throws `HOOK_UNKNOWN` */
  on<N extends HookName>(name: N, hook: Hook<N>, owner = "the program"): () => void {
    if (!Object.hasOwn(names, name)) {
      throw new TenonError("HOOK_UNKNOWN", {
        doing: `putting a function of ${owner} on the hook '${name}'`,
        found: `the hooks are ${hookNames.join(", ")}`,
        ...fixed(suggest(name, hookNames)),
      });
    }
    const { handler, order = "normal" } = typeof hook === "function" ? { handler: hook } : hook;
    if (typeof handler !== "function" || !Object.hasOwn(stages, order)) {
      throw new TenonError("HOOK_UNKNOWN", {
        doing: `putting a hook of ${owner} on '${name}'`,
        found: "it is neither a function nor { handler, order } with an order of pre, normal or post",
      });
    }
    const tap: Tap = { owner, handler, stage: stages[order] };
    this.#change(name, [...(this.#taps.get(name) ?? []), tap]);
    return () =>
      this.#change(
        name,
        (this.#taps.get(name) ?? []).filter((other) => other !== tap),
      );
  }

  /** Ask before building a context that is costly to build. */
  listens(name: HookName): boolean {
    return this.#taps.has(name);
  }

  /** Await it; it never rejects. Costs nothing when nobody listens. */
  emit<N extends HookName>(name: N, context: HookContexts[N]): Promise<void> | undefined {
    if (!this.#taps.has(name)) return undefined;
    const sequence = this.#sequences.get(name);
    return sequence === undefined ? this.#firstEmit(name, context) : sequence.promise(context);
  }

  /** The bus as one integration sees it: what it taps is known to be its own. */
  ownedBy(owner: string): Hooks {
    return { on: (name, hook) => this.on(name, hook, owner) };
  }

  // tapable has no way of taking a tap off again, so a changed hook is put together anew when it is next called.
  #change(name: HookName, taps: Tap[]): void {
    if (taps.length === 0) this.#taps.delete(name);
    else this.#taps.set(name, taps);
    this.#sequences.delete(name);
  }

  async #firstEmit(name: HookName, context: unknown): Promise<void> {
    const AsyncSeriesHook = await loadTapable();
    const sequence = new AsyncSeriesHook<[unknown]>(["context"]);
    for (const tap of this.#taps.get(name) ?? []) {
      sequence.tapPromise({ name: tap.owner, stage: tap.stage }, (given) => this.#call(name, tap, given));
    }
    this.#sequences.set(name, sequence);
    await sequence.promise(context);
  }

  async #call(name: HookName, tap: Tap, context: unknown): Promise<void> {
    try {
      await tap.handler(context as never);
    } catch (cause) {
      this.#report(
        new TenonError("HOOK_FAILED", {
          doing: `calling what ${tap.owner} put on the hook '${name}'`,
          found: cause instanceof Error ? cause.message : String(cause),
          fix: "The run goes on without it.",
          details: { hook: name, owner: tap.owner },
          cause,
        }),
      );
    }
  }
}

function fixed(fix: string | undefined): { fix?: string } {
  return fix === undefined ? {} : { fix };
}

/** Loaded when a hook is called that somebody listens to: most processes never need it. */
async function loadTapable(): Promise<typeof AsyncSeriesHook> {
  return (await import("./async-series-hook.js")).AsyncSeriesHook;
}
