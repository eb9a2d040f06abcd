import type { MaterializerSource } from "../artifacts/materializer-source.js";
import type { TenonError } from "../errors.js";
import type { KernelContainer } from "./container.js";
import type { HookBus } from "./hook-bus.js";
import type { Integrations } from "./integrations.js";
import type { Project, ProjectOptions } from "./project.js";
import type { ResolvedStack, StackResolveOptions } from "./stack.js";
import type { StackChoice } from "./stack-choice.js";

export { openKernel } from "./open-kernel.js";

export interface KernelOptions extends ProjectOptions {
  /** Registers what the program brings itself, before anything else is: what is bound here is not created from a stack. */
  configure?(container: KernelContainer): void | Promise<void>;
  /** Told of what went wrong beside the run, such as a failing hook. By default a warning of the process. */
  onWarning?(warning: TenonError): void;
}

export interface Kernel {
  readonly project: Project;
  readonly container: KernelContainer;
  readonly hooks: HookBus;
  readonly integrations: Integrations;
  readonly materializers: MaterializerSource;
  /**
   * By default the active stack of `tenon.yaml`. The same choice gives the same resolved stack.
   *
   * @throws `STACK_UNKNOWN`, `STACK_INVALID` with every fault, or the fault itself if there is only one
   */
  resolveStack(stack?: StackChoice, options?: StackResolveOptions): Promise<ResolvedStack>;
  /** Says what is worth knowing and stops nothing. */
  warn(warning: TenonError): void;
  /** Disposes of everything that was created, the youngest first. */
  dispose(): Promise<void>;
}
