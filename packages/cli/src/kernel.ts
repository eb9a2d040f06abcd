import type { Kernel, KernelOptions } from "@tenon/core/internal";

/** Opens the project's kernel, hands it to `use`, and disposes of it. */
export async function withKernel<T>(options: KernelOptions, use: (kernel: Kernel) => Promise<T>): Promise<T> {
  const { openKernel } = await import("@tenon/core/internal");
  const kernel = await openKernel(options);
  try {
    return await use(kernel);
  } finally {
    await kernel.dispose();
  }
}
