import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { JsonValue } from "../contracts/json.js";
import type { Plan } from "../contracts/plan.js";
import { sampleStep } from "../testing/sample-step.js";
import { planDigest } from "./plan-digest.js";
import { readCanonical } from "./read-canonical.js";
import { readPlan } from "./read-plan.js";
import { savePlan } from "./save-plan.js";
import { writePlan } from "./write-plan.js";

const digest = `sha256:${"a".repeat(64)}`;

function plan(changes: Partial<Plan> = {}): Plan {
  return {
    format: 1,
    pipeline: "p",
    parameters: {},
    steps: [],
    outputs: {},
    onFailure: "continue",
    tags: [],
    ...changes,
  };
}

/** A generator of values with a seed, so that a failure can be repeated. */
function values(seed: number) {
  let state = seed;
  const next = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const texts = [
    "",
    " ",
    "a",
    "true",
    "Null",
    "no",
    "~",
    "1",
    "-1",
    "1e3",
    "0x1f",
    ".5",
    "1_000",
    "2026-01-01",
    "12:30",
    "a: b",
    "a:b",
    "a #b",
    "#",
    "- a",
    "-",
    "?",
    "!tag",
    "&a",
    "*a",
    "<<",
    "=",
    "%",
    "@",
    "`",
    "{",
    "[]",
    "'",
    '"',
    "\\",
    "\n",
    "a\nb\n",
    "\t",
    "\u0000",
    "\u0085",
    "\u2028",
    "\ufeff",
    "\u{1f600}",
    "é",
    "e\u0301",
    "constructor",
    "a ",
    " a",
    "a:",
    "sha256:00",
    ".inf",
    "NaN",
    "---",
    "...",
    "|",
    ">",
    "\ud800",
  ];
  const value = (depth: number): JsonValue => {
    const kind = next(depth > 3 ? 4 : 6);
    if (kind === 0) return texts[next(texts.length)] as string;
    if (kind === 1) return [0, -0, 1, -1, 0.1, 1e21, 1e-7, 123456789012345680000, 2 ** 53][next(9)] as number;
    if (kind === 2) return next(2) === 0;
    if (kind === 3) return null;
    if (kind === 4) return Array.from({ length: next(4) }, () => value(depth + 1));
    return Object.fromEntries(Array.from({ length: next(5) }, () => [texts[next(texts.length)], value(depth + 1)]));
  };
  return value;
}

test("any parameters survive writing and reading, by a YAML parser and by the short way", async () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const value = values(seed);
    const written = plan({ parameters: { value: value(0), more: value(0) }, tags: ["a b"] });
    const text = writePlan(written);
    expect(parse(text), `seed ${seed}`).toEqual(written);
    expect(readCanonical(text), `seed ${seed}`).toEqual(written);
    expect(await readPlan(text)).toEqual(written);
  }
});

test("equal plans are equal bytes, whatever the order of their fields", () => {
  const one = plan({ parameters: { a: 1, b: { c: [1, { d: "x", e: [] }], f: {} } } });
  const other = {
    tags: [],
    ...Object.fromEntries(Object.entries(one).reverse()),
    parameters: { b: { f: {}, c: [1, { e: [], d: "x" }] }, a: 1 },
  };
  expect(writePlan(other as unknown as Plan)).toBe(writePlan(one));
  expect(planDigest(writePlan(one))).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(planDigest(writePlan(plan({ parameters: { a: "1" } })))).not.toBe(
    planDigest(writePlan(plan({ parameters: { a: 1 } }))),
  );
});

test("the text is what a person would write", () => {
  expect(writePlan(plan({ parameters: { epochs: 5, names: ["a", "b c"], nested: { rate: 0.1 } } }))).toBe(
    'format: 1\nonFailure: continue\noutputs: {}\nparameters:\n  epochs: 5\n  names:\n    - a\n    - "b c"\n  nested:\n    rate: 0.1\npipeline: p\nsteps: []\ntags: []\n',
  );
});

test("a plan that was reformatted by hand reads as the same plan", async () => {
  const written = plan({
    steps: [sampleStep("a")],
    outputs: { output: { from: "step", step: "a", output: "output" } },
  });
  const text = writePlan(written);
  const edited = `# A comment.\n${text.replace("parameters: {}", "parameters: { }").replace("pipeline: p", "pipeline: 'p'")}`;
  expect(readCanonical(edited)).toBeUndefined();
  expect(await readPlan(edited)).toEqual(written);
});

describe("a plan is refused", () => {
  const good = plan({
    steps: [
      sampleStep("a"),
      sampleStep("b", { after: ["a"], inputs: { x: { from: "step", step: "a", output: "output" } } }),
    ],
  });
  const changed = (index: number, fields: object): string => {
    const copy = structuredClone(good);
    Object.assign(copy.steps[index] as object, fields);
    return writePlan(copy);
  };
  const bomb = `format: 1\na: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nparameters: *c\n`;
  const cases: Record<string, [text: string, found: string]> = {
    "that is not YAML": ["format: 1\n  a: [", "is not YAML"],
    "that is empty": ["", "no field 'format'"],
    "that is a list": ["- 1\n", "no field 'format'"],
    "with aliases": [bomb, "alias"],
    "with a tag": ["format: 1\nx: !!js/function 'f'\n", "tag"],
    "with __proto__": ["format: 1\nparameters:\n  __proto__:\n    a: 1\n", "__proto__"],
    "with a field twice": ["format: 1\nformat: 1\n", "is not YAML"],
    "of a later format": [writePlan(good).replace("format: 1", "format: 99"), "formats up to 1"],
    "with an unknown field": [`${writePlan(good)}colour: red\n`, "'colour'"],
    "without a field": [writePlan(good).replace("onFailure: continue\n", ""), "no field 'onFailure'"],
    "with a wrong choice": [writePlan(good).replace("onFailure: continue", "onFailure: sometimes"), "sometimes"],
    "with two steps of one name": [changed(1, { id: "a" }), "two steps 'a'"],
    "with a wire to nowhere": [changed(1, { after: ["z"] }), "'z'"],
    "with a wire to an output that is not there": [
      writePlan(good).replace(/output: output\n {8}step: a/, "output: outptu\n        step: a"),
      "outptu",
    ],
    "with an input from elsewhere": [writePlan(good).replace("from: step", "from: space"), "space"],
    "with a negative number of retries": [writePlan(good).replace("retries: 0", "retries: -1"), "retries"],
    "with a digest that is none": [changed(0, { fingerprint: "x" }), "digest"],
  };
  test.each(Object.entries(cases))("%s", async (_, [text, found]) => {
    await expect(readPlan(text, "plans/a.yaml")).rejects.toMatchObject({
      code: "PLAN_INVALID",
      message: expect.stringContaining(found),
    });
    await expect(readPlan(text, "plans/a.yaml")).rejects.toThrow(/^Reading plans\/a\.yaml: /);
  });

  test("whose steps wait for each other", async () => {
    const text = changed(0, { after: ["b"] });
    await expect(readPlan(text)).rejects.toMatchObject({ code: "PIPELINE_CYCLE" });
  });
});

test("every kind of input is read", async () => {
  const written = plan({
    steps: [
      sampleStep("a"),
      sampleStep("b", {
        fingerprint: digest,
        mapped: true,
        inputs: {
          one: { from: "step", step: "a", output: "output" },
          two: { from: "literal", digest, type: "json", artifact: "p.b.two" },
          three: { from: "list", items: [{ from: "step", step: "a", output: "output" }] },
          four: { from: "each", list: { from: "step", step: "a", output: "output" } },
          five: { from: "reference", reference: { artifact: "model", version: "42" } },
        },
      }),
    ],
  });
  expect(await readPlan(writePlan(written))).toEqual(written);
});

test("a plan is saved once, under its digest, and never half", () => {
  const root = mkdtempSync(join(tmpdir(), "tenon-plan-"));
  try {
    const text = writePlan(plan());
    const compiled = { plan: plan(), text, digest: planDigest(text) };
    const path = savePlan(compiled, root);
    expect(path).toBe(join(root, "pipelines/p", `${compiled.digest.slice(7)}.yaml`));
    expect(savePlan({ ...compiled, text: "changed" }, root)).toBe(path);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(join(root, "pipelines/p"))).toHaveLength(1);
  } finally {
    rmSync(root, { recursive: true });
  }
});
