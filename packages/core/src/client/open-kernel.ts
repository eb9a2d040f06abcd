import type { Kernel, KernelOptions } from "../kernel/kernel.js";

/** Opens the kernel of a project; the kernel's code is loaded only now. */
export async function openKernel(options: KernelOptions = {}): Promise<Kernel> {
  return (await import("../kernel/open-kernel.js")).openKernel(options);
}
