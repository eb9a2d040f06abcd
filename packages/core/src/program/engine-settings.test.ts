import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineOrchestrator } from "../contracts/component.js";
import type { Attempt, Capabilities } from "../contracts/orchestrator.js";
import { TenonError } from "../errors.js";
import { stack } from "../kernel/stack-definition.js";
import { pipeline } from "../pipeline/pipeline.js";
import type { StepOptions } from "../pipeline/settings.js";
import { step } from "../pipeline/step.js";
import { NaiveLauncher } from "../testing/broken/launchers.js";
import { MemoryProject } from "../testing/memory-project.js";

class RecordingLauncher extends NaiveLauncher {
  static seen: Attempt[] = [];
  override readonly capabilities: Capabilities = {
    ...new NaiveLauncher().capabilities,
    resources: { cpu: 4, memory: 8 * 2 ** 30, time: 3_600_000 },
  };

  override async launch(attempts: readonly Attempt[]): Promise<readonly string[]> {
    RecordingLauncher.seen.push(...attempts);
    return super.launch(attempts);
  }
}

/** Runs one step with the options on an engine `cluster`, and returns what its launcher was given. */
async function submitted(options: Pick<StepOptions, "engine" | "resources">, takesSettings = true) {
  const project = new MemoryProject();
  const cluster = defineOrchestrator({
    flavor: "cluster",
    config: z.object({}),
    ...(takesSettings && {
      engine: z.strictObject({ partition: z.string().default("short"), nodes: z.int().positive().optional() }),
    }),
    load: async () => ({ create: () => new RecordingLauncher() }),
  });
  const { orchestrator: _, ...stores } = project.stack.components as Record<string, never>;
  RecordingLauncher.seen = [];
  const one = step({ name: "one", ...options, cache: false, run: () => 1 });
  const on = stack({ name: "cluster", orchestrator: cluster(), ...stores } as never);
  const running = project.run(
    pipeline("engine", () => ({ one: one({}) })),
    { stack: on },
  );
  const error = await running.then(
    () => undefined,
    (error: unknown) => error,
  );
  const runs = await (await project.ledger()).runs({ limit: 10 });
  return { error, attempts: RecordingLauncher.seen, runs: runs.length };
}

const refused = async (options: Parameters<typeof submitted>[0], takesSettings?: boolean) => {
  const { error, attempts, runs } = await submitted(options, takesSettings);
  expect(attempts).toEqual([]);
  expect(runs).toBe(0);
  expect(error).toBeInstanceOf(TenonError);
  return error as TenonError;
};

describe("settings for an engine", () => {
  test("reach the launcher as its schema gives them, defaults included", async () => {
    const { error, attempts } = await submitted({ engine: { cluster: { nodes: 2 } } });
    expect(error).toBeUndefined();
    expect(attempts.map(({ engine }) => engine)).toEqual([{ partition: "short", nodes: 2 }]);
  });

  test("are its defaults where a step says nothing", async () => {
    const { attempts } = await submitted({});
    expect(attempts[0]?.engine).toEqual({ partition: "short" });
  });

  test("that its schema refuses are refused before a run is recorded, every fault by step and field", async () => {
    const error = await refused({ engine: { cluster: { nodes: 0, queue: "long" } } });
    expect(error.code).toBe("ENGINE_INVALID");
    expect(error.found).toMatch(/step 'one': engine\.cluster\.nodes: /);
    expect(error.found).toMatch(/queue/);
  });

  test("for nobody are refused, and the nearest integration is named", async () => {
    const error = await refused({ engine: { clustre: { nodes: 2 } } });
    expect(error.code).toBe("ENGINE_INVALID");
    expect(error.found).toContain("'clustre'");
    expect(error.fix).toBe("Did you mean 'cluster'?");
  });

  test("for another integration are left to it, installed or not", async () => {
    const { error } = await submitted({ engine: { slurm: { constraint: "avx2" } } });
    expect(error).toBeUndefined();
  });

  test("are refused by an engine that takes none", async () => {
    const error = await refused({ engine: { cluster: { nodes: 2 } } }, false);
    expect(error.found).toContain("engine.cluster.nodes");
  });

  test("that are no block are refused where the step is made", () => {
    expect(() => step({ name: "two", engine: { cluster: 3 } as never, run: () => 1 })).toThrow(/engine\.cluster is 3/);
  });
});

describe("resources", () => {
  test("reach the launcher in plain numbers", async () => {
    const { attempts } = await submitted({ resources: { cpu: 2, memory: "1GiB", time: "5m" } });
    expect(attempts[0]?.resources).toEqual({ cpu: 2, memory: 2 ** 30, time: 300_000 });
  });

  test("beyond the engine's are refused, all of them at once, in units that people read", async () => {
    const error = await refused({ resources: { cpu: 5, memory: "16GiB", gpu: 1, time: "2h" } });
    expect(error.code).toBe("CAPABILITY_MISSING");
    expect(error.found.split("; ")).toEqual([
      "step 'one' asks for 5 cpu, of which it has 4 cpu",
      "step 'one' asks for 16 GiB of memory, of which it has 8 GiB of memory",
      "step 'one' asks for gpu, which it cannot reserve",
      "step 'one' asks for 120 minutes of time, of which it has 60 minutes of time",
    ]);
  });

  test.each([
    [{ cpus: 2 }, /no resource 'cpus'.*Did you mean 'cpu'/],
    [{ cpu: Number.NaN }, /cpu is NaN/],
    [{ gpu: Number.POSITIVE_INFINITY }, /gpu is Infinity/],
    [{ memory: "lots" }, /"lots" is not an amount of memory/],
    [{ time: "-5m" }, /is not a length of time/],
  ])("such as %o are refused where the step is made", (resources, message) => {
    expect(() => step({ name: "two", resources: resources as never, run: () => 1 })).toThrow(message);
  });
});
