import type { Launcher } from "../contracts/orchestrator.js";

/** A launcher some of whose methods are others. */
export function changed(launcher: Launcher, methods: Partial<Launcher>): Launcher {
  return new Proxy(launcher, {
    get: (target, name) => {
      // What waits for an attempt that the launcher does not know would wait for ever.
      if (name === "changed") return undefined;
      const found = (methods as Record<PropertyKey, unknown>)[name] ?? Reflect.get(target, name);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}
