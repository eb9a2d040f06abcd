import type { JudgedStep } from "@tenon/core";
import { expect, test } from "vitest";
import { milliseconds } from "./cluster.js";
import { jobFlags } from "./job-flags.js";
import { statusOf } from "./jobs.js";
import { flagFault } from "./own-flags.js";
import { Pace } from "./pace.js";
import { exitOf } from "./queue.js";
import type { SlurmConfig } from "./slurm-config.js";

const job = (state: string, exit = "0:0", reason = "None") => ({
  id: "7_1",
  state,
  reason,
  nodes: "n3",
  ...exitOf(exit),
});
const exit = (...parts: Parameters<typeof job>) => {
  const status = statusOf(job(...parts), false);
  return status.state === "exited" ? status.exit : status.state;
};

test("a job that ended by itself leaves it to the ledger how", () => {
  expect(exit("COMPLETED")).toEqual({ kind: "ended" });
  expect(exit("FAILED", "10:0")).toEqual({ kind: "ended" });
  expect(exit("FAILED", "2560")).toEqual({ kind: "ended" });
});

test.each(["NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "FORGOTTEN", "FAILED"])("%s is worth another attempt", (state) => {
  expect(exit(state)).toMatchObject({ kind: "crashed", retry: true });
});

test.each([
  ["TIMEOUT", "0:15", /time limit/],
  ["OUT_OF_MEMORY", "0:125", /resources\.memory/],
  ["CANCELLED", "0:15", /scancel/],
  ["FAILED", "0:9", /SIGKILL.*memory/],
  ["FAILED", "137:0", /SIGKILL/],
  ["FAILED", "127:0", /not found/],
  ["DEADLINE", "0:0", /deadline/],
])("%s with exit %s is the step's own failure, and says why and where", (state, code, reason) => {
  expect(exit(state, code)).toMatchObject({ kind: "crashed", retry: false, reason: expect.stringMatching(reason) });
  expect(exit(state, code)).toMatchObject({ reason: expect.stringMatching(/^Slurm job 7_1 ended on n3: /) });
});

test("a job that can never start is given up, one that waits for its turn is not", () => {
  expect(exit("PENDING", "0:0", "BadConstraints")).toMatchObject({ kind: "crashed", retry: false });
  expect(exit("PENDING", "0:0", "launch failed requeued held")).toMatchObject({ kind: "crashed" });
  expect(exit("PENDING", "0:0", "Resources")).toBe("waiting");
  expect(exit("COMPLETING")).toBe("running");
});

test("a job that this driver has cancelled ends as cancelled", () => {
  expect(statusOf(job("CANCELLED"), true)).toMatchObject({ exit: { kind: "cancelled" } });
});

test.each([
  ["infinite", Number.POSITIVE_INFINITY],
  ["2:00", 120_000],
  ["12:00:00", 43_200_000],
  ["7-00:00:00", 604_800_000],
])("the time limit %s is %s milliseconds", (text, expected) => {
  expect(milliseconds(text)).toBe(expected);
});

test.each([
  ["--reservation=course", undefined],
  ["--exclusive", undefined],
  ["-p main", /long form/],
  ["reservation", /long form/],
  ["--array=0-3", /by themselves/],
  ["--gres=gpu:2", /resources\.gpu/],
])("the flag %s is judged", (flag, fault) => {
  if (fault === undefined) expect(flagFault(flag)).toBeUndefined();
  else expect(flagFault(flag)).toMatch(fault);
});

test("looks become rare while nothing is submitted, and soon again when something is, but not without end", () => {
  const pace = new Pace(10_000);
  expect(pace.dueIn).toBeLessThanOrEqual(0);
  for (let look = 0; look < 20; look++) pace.looked();
  expect(pace.dueIn).toBeGreaterThan(9_000);
  const busy = new Pace(10_000);
  for (let look = 0; look < 200; look++) {
    busy.quicken();
    busy.looked();
  }
  expect(busy.dueIn).toBeGreaterThan(1_900);
});

const kind = { partition: "short", standard: false, count: 1, cpu: 2, memory: 4e9, gpu: 0, state: "idle" };
const flagsOf = (settings: Partial<JudgedStep>, given: Partial<SlurmConfig> = {}) =>
  jobFlags(
    { stepId: "s", resources: {}, engine: {}, timeout: undefined, ...settings },
    { jobs: 1, code: "shared", pollInterval: 1, patience: 1, ...given },
    [
      { ...kind, time: 600_000 },
      { ...kind, partition: "long", standard: true, time: Number.POSITIVE_INFINITY },
    ],
  );

test("what a step reserves is rounded up to what Slurm counts in", () => {
  const flags = flagsOf({
    resources: { cpu: 1.5, memory: 2 ** 20 + 1, gpu: 1, time: 61_000 },
    engine: { gpuType: "a100" },
  });
  expect(flags).toEqual(expect.arrayContaining(["--cpus-per-task=2", "--mem=2M", "--gres=gpu:a100:1", "--time=2"]));
});

test("a step's placement goes before the stack's, and its flags come last", () => {
  const flags = flagsOf(
    { engine: { partition: "long", flags: ["--nice=5"] } },
    { partition: "short", flags: ["--nice=1"] },
  );
  expect(flags).toContain("--partition=long");
  expect(flags).not.toContain("--partition=short");
  expect(flags.indexOf("--nice=5")).toBeGreaterThan(flags.indexOf("--nice=1"));
});

test("a step's timeout limits its job, if nothing else does, within its partition's limit", () => {
  expect(flagsOf({ timeout: 60_000, engine: { partition: "long" } })).toContain("--time=3");
  expect(flagsOf({ timeout: 3_600_000, engine: { partition: "short" } })).toContain("--time=10");
  expect(flagsOf({ timeout: 3_600_000 })).toContain("--time=62");
  expect(flagsOf({ timeout: 60_000, resources: { time: 300_000 } })).toContain("--time=5");
  expect(flagsOf({ timeout: 60_000 }, { flags: ["--time=30"] }).filter((flag) => flag.startsWith("--time"))).toEqual([
    "--time=30",
  ]);
});

test("a node's failure leads to another attempt, or with requeue to the same job", () => {
  expect(flagsOf({})).toContain("--no-requeue");
  expect(flagsOf({ engine: { requeue: true } })).toContain("--requeue");
});
