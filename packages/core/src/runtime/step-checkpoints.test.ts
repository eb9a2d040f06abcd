import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { MemoryProject } from "../testing/memory-project.js";

let project: MemoryProject;
beforeEach(() => {
  project = new MemoryProject();
});
afterEach(() => project.dispose());

/** Counts to ten, and fails where it is told to. What it has begun with is its output. */
let failAt: number | undefined;
const count = step({
  name: "count",
  params: z.object({ to: z.int().default(10) }),
  async run(_inputs: object, { checkpoints, params }) {
    const began = (await checkpoints.latest<number>()) ?? 0;
    for (let at = began + 1; at <= params.to; at++) {
      if (at === failAt) throw new Error(`failed at ${at}`);
      await checkpoints.save(at);
    }
    return { began };
  },
});
const counting = pipeline("counting", () => ({ began: count() }));

const kept = () => [...project.artifacts.objects.keys()].filter((key) => key.includes("count.checkpoint"));

describe("checkpoints of a step", () => {
  beforeEach(() => {
    failAt = undefined;
  });

  test("are what the resumed run goes on from, and are gone once the step has succeeded", async () => {
    failAt = 7;
    const failed = await project.run(counting, { throwOnFailure: false } as never).catch((error) => error);
    expect(kept().length).toBeGreaterThan(0);
    failAt = undefined;
    const [latest] = await (await project.ledger()).runs({ limit: 1 });
    expect(failed).toBeDefined();
    const resumed = await project.resume(latest?.id ?? "");
    expect(await (resumed.outputs as Record<string, { load(): Promise<unknown> }>).began?.load()).toEqual({ began: 6 });
    expect(kept()).toEqual([]);
    expect(await (await project.ledger()).checkpoints.all()).toEqual([]);
  });

  test("are found by another run of the same work, and not by one of other parameters", async () => {
    failAt = 7;
    await project.run(counting).catch(() => {});
    const other = await project.run(counting, { params: { "count.to": 5 } });
    expect(await other.outputs.began.load()).toEqual({ began: 0 });
    failAt = undefined;
    const same = await project.run(counting);
    expect(await same.outputs.began.load()).toEqual({ began: 6 });
  });

  test("take the place of the one before", async () => {
    failAt = 4;
    await project.run(counting).catch(() => {});
    const places = new Set(kept().map((key) => key.split("/").at(-2)));
    expect(places.size).toBe(1);
  });

  test("stay when garbage is collected, for they may be gone on from", async () => {
    failAt = 4;
    await project.run(counting).catch(() => {});
    await project.client.collectGarbage({ force: true, olderThan: 0 });
    failAt = undefined;
    expect(await (await project.run(counting)).outputs.began.load()).toEqual({ began: 3 });
  });

  test("that are gone from the store make the work begin anew", async () => {
    failAt = 4;
    await project.run(counting).catch(() => {});
    for (const key of kept()) project.artifacts.objects.delete(key);
    failAt = undefined;
    expect(await (await project.run(counting)).outputs.began.load()).toEqual({ began: 0 });
  });
});
