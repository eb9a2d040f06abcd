import type { Hooks } from "@tenon/core/internal";
import { describe, expect, test } from "vitest";
import { createTerminal } from "../terminal/terminal.js";
import { LineView } from "./line-view.js";
import { RunProgress, type StepProgress } from "./run-progress.js";
import { bar, describeOutputs, runningLine } from "./step-line.js";

type Emit = (name: string, context: object) => void;

/** Hooks that anybody can call. */
function bus(): { hooks: Hooks; emit: Emit } {
  const taps = new Map<string, ((context: never) => unknown)[]>();
  const hooks = {
    on: (name: string, tap: (context: never) => unknown) => {
      taps.set(name, [...(taps.get(name) ?? []), tap]);
      return () => taps.delete(name);
    },
  } as unknown as Hooks;
  const emit: Emit = (name, context) => {
    for (const tap of taps.get(name) ?? []) tap(context as never);
  };
  return { hooks, emit };
}

function watched() {
  const lines: string[] = [];
  const terminal = createTerminal({ NO_COLOR: "1", LANG: "C.UTF-8" });
  const progress = new RunProgress(new LineView(terminal, (line) => void lines.push(line)));
  const { hooks, emit } = bus();
  progress.listen(hooks);
  emit("stackResolved", { stack: "local", components: {} });
  const plan = { pipeline: "penguins", steps: [{ id: "load" }, { id: "standardise" }] };
  emit("runStarted", { runId: "01JD", plan });
  return { lines, progress, emit };
}

const output = (metadata: Readonly<Record<string, unknown>>) => ({
  name: "a",
  version: "1",
  type: "json",
  digest: "",
  size: 1,
  metadata,
});

describe("a run as lines", () => {
  test("begins with the pipeline, the run and the stack", () => {
    expect(watched().lines).toEqual(["  penguins  run 01JD on stack local"]);
  });

  test("has a line for each step that ends, with what its artifacts say", () => {
    const { lines, emit, progress } = watched();
    emit("stepCached", { stepId: "load", outputs: { output: output({ rows: 344 }) } });
    emit("stepStarted", { stepId: "standardise", attempt: 1 });
    emit("stepFinished", { stepId: "standardise", attempt: 1, durationMs: 12, outputs: {} });
    expect(lines.slice(1)).toEqual(["  ✔ load         cached   344 rows", "  ✔ standardise  12 ms"]);
    expect(progress.counts).toMatchObject({ cached: 1, succeeded: 1, failed: 0 });
  });

  test("says why a step failed, is tried again, or was skipped", () => {
    const { lines, emit, progress } = watched();
    emit("stepStarted", { stepId: "load", attempt: 1 });
    emit("stepRetrying", { stepId: "load", attempt: 1, delayMs: 500, error: new Error("timeout\nmore") });
    emit("stepFailed", { stepId: "load", attempt: 2, durationMs: 5, error: new Error("no network") });
    emit("stepSkipped", { stepId: "standardise", because: "load failed" });
    expect(lines[1]).toContain("attempt 1 failed (timeout), trying again in 500 ms");
    expect(lines[2]).toBe("  ✖ load         5 ms     no network");
    expect(lines[3]).toBe("  ↷ standardise  skipped  load failed");
    expect(progress.failed.map(({ id }) => id)).toEqual(["load"]);
  });

  test("adds up the elements of a mapped step", () => {
    const { lines, emit, progress } = watched();
    for (const index of [0, 1, 2]) {
      emit("stepStarted", { stepId: `load[${index}]`, attempt: 1 });
      emit("stepFinished", { stepId: `load[${index}]`, attempt: 1, durationMs: 1, outputs: {} });
    }
    emit("stepFinished", { stepId: "load", attempt: 0, durationMs: 9, outputs: {} });
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("3 elements");
    expect(progress.counts.succeeded).toBe(1);
  });

  test("says what is counted, and how many elements there are", () => {
    const terminal = createTerminal({ NO_COLOR: "1", LC_ALL: "C" });
    const shown: string[] = [];
    const nothing = () => {};
    const update = (step: StepProgress) => void shown.push(runningLine(step, 4, 0, terminal));
    const { hooks, emit } = bus();
    new RunProgress({ begin: nothing, ended: nothing, remark: nothing, close: nothing, update }).listen(hooks);
    emit("stepProgress", { stepId: "fit", done: 61, total: 100, fields: { label: "epoch", loss: 0.21 } });
    emit("stepMapped", { stepId: "load", elements: 500, done: 36 });
    emit("stepFinished", { stepId: "load[36]", attempt: 1, durationMs: 1, outputs: {} });
    expect(shown[0]).toMatch(/fit +epoch +61\/100 {2}[=>-]+ {2}loss 0.21$/);
    expect(shown.at(-1)).toMatch(/load {2,}37\/500 {2}[=>-]+$/);
  });

  test("names the element that failed, not its step as well", () => {
    const { emit, progress } = watched();
    emit("stepStarted", { stepId: "load[1]", attempt: 1 });
    emit("stepFailed", { stepId: "load[1]", attempt: 1, durationMs: 1, error: new Error("bad fold") });
    emit("stepFailed", { stepId: "load", attempt: 0, durationMs: 1, error: new Error("an element failed") });
    expect(progress.failed.map(({ id }) => id)).toEqual(["load[1]"]);
    expect(progress.counts.failed).toBe(1);
  });
});

test("metadata that is short is shown, counts in the order of speech", () => {
  expect(
    describeOutputs({ outputs: { output: output({ rows: 344, accuracy: 0.971234, text: "x".repeat(99) }) } }),
  ).toEqual(["344 rows", "accuracy 0.9712"]);
});

test.each([
  [0, "--------"],
  [0.5, "====----"],
  [0.57, "====>---"],
  [1, "========"],
  [7, "========"],
])("a bar of %d is %s", (share, text) => {
  const { colors, symbols } = createTerminal({ NO_COLOR: "1", LC_ALL: "C" });
  expect(bar(share, 8, { colors, symbols })).toBe(text);
});
