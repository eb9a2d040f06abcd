import "reflect-metadata";
import { container as root } from "tsyringe";
import type { Container, Token } from "../contracts/container.js";
import { TenonError } from "../errors.js";

interface Disposable {
  readonly label: string;
  dispose(): unknown;
}

/** Wrapped, because tsyringe takes `undefined` and `null` for no value at all. */
interface Slot {
  readonly value: unknown;
}

/**
 * The container of one kernel, or, as its scope, of one resolved stack. Registering again replaces. What a factory of
 * the container made, and what it was told to own, is disposed of with it, the youngest first.
 */
export class KernelContainer implements Container {
  readonly #inner;
  readonly #owned: Disposable[] = [];

  constructor(parent = root) {
    this.#inner = parent.createChildContainer();
  }

  /** A container that sees everything of this one, and keeps to itself what is registered in it. */
  scope(): KernelContainer {
    return new KernelContainer(this.#inner);
  }

  registerValue<T>(token: Token<T>, value: NoInfer<T>): void {
    const slot: Slot = { value };
    this.#inner.register<Slot>(token.id, { useValue: slot });
  }

  registerFactory<T>(token: Token<T>, factory: (container: Container) => NoInfer<T>): void {
    let slot: Slot | undefined;
    let creating = false;
    const create = (): Slot => {
      if (slot !== undefined) return slot;
      if (creating) {
        throw new TenonError("TOKEN_UNBOUND", {
          doing: `resolving '${token.id}'`,
          found: "its factory waits for its own product",
          fix: "Break the circle between the factories.",
        });
      }
      creating = true;
      try {
        const value = factory(this);
        slot = { value };
        if (isDisposable(value)) this.own(token.id, value);
        return slot;
      } finally {
        creating = false;
      }
    };
    this.#inner.register<Slot>(token.id, { useFactory: create });
  }

  has(token: Token<unknown>): boolean {
    return this.#inner.isRegistered(token.id, true);
  }

  resolve<T>(token: Token<T>): T {
    if (!this.has(token)) {
      throw new TenonError("TOKEN_UNBOUND", {
        doing: `resolving '${token.id}' from the container`,
        found: "nothing is registered under it",
        fix: "Register it with registerValue or registerFactory, or use a stack that has such a component.",
      });
    }
    return this.#inner.resolve<Slot>(token.id).value as T;
  }

  /** Disposes of it when the container is disposed of. */
  own(label: string, disposable: { dispose(): unknown }): void {
    this.#owned.push({ label, dispose: () => disposable.dispose() });
  }

  /** @throws `COMPONENT_FAILED`, after all were tried, if some could not be disposed of. */
  async dispose(): Promise<void> {
    const failures: { label: string; error: unknown }[] = [];
    for (let next = this.#owned.pop(); next !== undefined; next = this.#owned.pop()) {
      try {
        await next.dispose();
      } catch (error) {
        failures.push({ label: next.label, error });
      }
    }
    const [first] = failures;
    if (first === undefined) return;
    throw new TenonError("COMPONENT_FAILED", {
      doing: `disposing of ${failures.map(({ label }) => `'${label}'`).join(", ")}`,
      found: failures.map(({ error }) => (error instanceof Error ? error.message : String(error))).join("; "),
      cause:
        failures.length === 1
          ? first.error
          : new AggregateError(
              failures.map(({ error }) => error),
              "Several components could not be disposed of",
            ),
    });
  }
}

export function isDisposable(value: unknown): value is { dispose(): unknown } {
  return typeof value === "object" && value !== null && typeof (value as { dispose?: unknown }).dispose === "function";
}
