import "./core-identity.js";
import type { TenonError } from "../errors.js";
import { KernelContainer } from "./container.js";
import { HookBus } from "./hook-bus.js";
import { Integrations } from "./integrations.js";
import type { Kernel, KernelOptions } from "./kernel.js";
import { MaterializerRegistry } from "./materializer-registry.js";
import { openProject } from "./project.js";
import { OpenStack } from "./stack.js";
import { chooseStack } from "./stack-choice.js";

/**
 * Opens the kernel of a project. Nothing is read but `tenon.yaml`, until something is asked for.
 *
 * @example
 * const kernel = await openKernel({ configure: (container) => container.registerValue(kinds.artifactStore.token, store) });
 * @throws `PROJECT_NOT_FOUND`, `PROJECT_CONFIG_INVALID`
 */
export async function openKernel(options: KernelOptions = {}): Promise<Kernel> {
  const project = await openProject(options);
  const container = new KernelContainer();
  const warn = options.onWarning ?? warnOnce();
  const hooks = new HookBus(warn);
  await options.configure?.(container);
  const integrations = new Integrations(project, container, hooks);
  const materializers = new MaterializerRegistry(project, integrations);
  const around = { project, container, hooks, integrations };
  const stacks = new Map<unknown, OpenStack>();

  return {
    project,
    container,
    hooks,
    integrations,
    materializers,
    warn,
    async resolveStack(choice, resolveOptions = {}) {
      const key = choice ?? project.config.stack ?? "local";
      const stack = stacks.get(key) ?? new OpenStack(chooseStack(choice, project.config), around);
      stacks.set(key, stack);
      await stack.ensure(resolveOptions);
      return stack;
    },
    dispose: () => container.dispose(),
  };
}

/** A hook that fails on each of a thousand steps is worth one line. */
function warnOnce(): (warning: TenonError) => void {
  const warned = new Set<string>();
  return (warning) => {
    const what = `${warning.code} ${warning.doing}`;
    if (warned.has(what)) return;
    warned.add(what);
    process.emitWarning(warning.message, { type: "TenonWarning", code: warning.code });
  };
}
