import { expect, test } from "vitest";
import type { PlannedStep } from "../contracts/plan.js";
import { sampleStep } from "../testing/sample-step.js";
import { cacheKey, canonicalBytes } from "./cache-key.js";

const step = sampleStep("fit", {
  fingerprint: "sha256:code",
  parameters: { epochs: 1 },
  inputs: { rows: { from: "step", step: "load", output: "output" } },
  outputs: { output: { artifact: "p.fit", type: "json" } },
});
const key = (changed: Partial<PlannedStep> = {}, inputs: Record<string, string | string[]> = { rows: "sha256:a" }) =>
  cacheKey({ ...step, ...changed }, inputs)?.key;

test("equal steps with equal inputs have equal keys, whatever the order of their fields", () => {
  expect(key({ parameters: { a: 1, b: 2 } })).toBe(key({ parameters: { b: 2, a: 1 } }));
  expect(key()).toMatch(/^sha256:[0-9a-f]{64}$/);
});

test("anything that could change the outputs changes the key", () => {
  const keys = [
    key(),
    key({ fingerprint: "sha256:other" }),
    key({ parameters: { epochs: 2 } }),
    key({ parameters: { epochs: "1" } }),
    key({}, { rows: "sha256:b" }),
    key({}, { rows: ["sha256:a"] }),
    key({ outputs: { output: { artifact: "p.fit", type: "text" } } }),
    key({ settings: { ...step.settings, cache: { enabled: true, key: 1 } } }),
    key({ mapped: true, inputs: { rows: { from: "each", list: step.inputs.rows as never } } }),
    cacheKey(step, { rows: "sha256:a" }, { element: true })?.key,
    cacheKey(step, { rows: "sha256:a" }, { types: { json: "core:json json/2" } })?.key,
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test("the name under which an artifact is kept is not part of the key", () => {
  expect(key({ id: "fit_2", outputs: { output: { artifact: "p.fit_2", type: "json" } } })).toBe(key());
});

test.each([
  [1, "1"],
  [{ a: "bc" }, { ab: "c" }],
  [["a", "b"], ["ab"]],
  [[], {}],
  [null, "null"],
  [true, "true"],
  [{ a: [1] }, { a: [[1]] }],
  [0, -0],
  ["s1:a", "a"],
])("%j and %j have different bytes", (one, other) => {
  expect(canonicalBytes(one)).not.toBe(canonicalBytes(other));
});

test("a step has no key without a fingerprint, with its cache off, or if it is not deterministic", () => {
  const { fingerprint: _, ...unknown } = step;
  expect(cacheKey(unknown, {})).toBeUndefined();
  expect(key({ settings: { ...step.settings, cache: { enabled: false } } })).toBeUndefined();
  expect(key({ settings: { ...step.settings, deterministic: false } })).toBeUndefined();
});
