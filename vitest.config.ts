import { defineConfig } from "vitest/config";

// One project for each place that tests live in: `npx vitest run --project core`.
const slow = { testTimeout: 60_000, hookTimeout: 300_000 };
const quick = { testTimeout: 60_000, hookTimeout: 60_000 };

const project = (name: string, directory: string, times: typeof quick) => ({
  extends: true as const,
  test: {
    name,
    root: directory,
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.tenon/**"],
    ...times,
  },
});

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    reporters: ["default"],
    // A test that leaves something running is a fault: say so soon.
    teardownTimeout: 10_000,
    projects: [
      project("core", "packages/core", quick),
      project("plugin-local", "packages/plugin-local", slow),
      project("plugin-sql", "packages/plugin-sql", slow),
      project("cli", "packages/cli", slow),
      project("plugin-arrow", "packages/plugin-arrow", slow),
      project("plugin-aws", "packages/plugin-aws", slow),
      project("plugin-azure", "packages/plugin-azure", slow),
      project("plugin-gcp", "packages/plugin-gcp", slow),
      project("plugin-slurm", "packages/plugin-slurm", slow),
      project("plugin-tensorflow", "packages/plugin-tensorflow", slow),
      project("ml", "packages/ml", slow),
      project("tfrecord", "packages/tfrecord", slow),
      project("examples", "examples", slow),
      project("workspace", "test", slow),
    ],
  },
});
