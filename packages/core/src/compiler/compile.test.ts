import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { artifactType } from "../contracts/artifact-type.js";
import type { PlannedStep } from "../contracts/plan.js";
import { map } from "../pipeline/map.js";
import type { BodyResult, PipelineDefinition } from "../pipeline/pipeline.js";
import { pipeline } from "../pipeline/pipeline.js";
import { type Reference, referenceBrand } from "../pipeline/reference.js";
import { step } from "../pipeline/step.js";
import { each, external } from "../pipeline/wire.js";
import { type CompileOptions, compile } from "./compile.js";
import type { ParameterSource } from "./parameters.js";
import { readPlan } from "./read-plan.js";

const table = artifactType<{ a: number }[]>("table");
const root = mkdtempSync(join(tmpdir(), "tenon-compile-"));
afterAll(() => rmSync(root, { recursive: true }));

const load = step({
  name: "load",
  params: z.object({ seed: z.int().default(3) }),
  output: table,
  run: () => [{ a: 1 }],
});
const split = step({
  name: "split",
  inputs: { rows: table },
  outputs: { train: table, test: table },
  retries: 2,
  timeout: "1h30m",
  tags: ["data"],
  run: ({ rows }) => ({ train: rows, test: rows }),
});
const fit = step({
  name: "fit",
  params: z.object({
    epochs: z.int().positive().default(5),
    label: z.string().default("none"),
    net: z.object({ rate: z.number() }).default({ rate: 0.1 }),
  }),
  inputs: { train: table },
  run: ({ train }) => ({ weight: train.length }),
});
const add = step("add", ({ x, y }: { x: unknown; y: unknown }) => [x, y]);

const training = pipeline({
  name: "training",
  params: z.object({ epochs: z.int().default(5), note: z.string().default("") }),
  steps: { fit },
  body: ({ params, steps }) => {
    const { train, test } = split({ rows: load({}, { seed: 4 }) });
    return { model: steps.fit({ train }, { epochs: params.epochs }), test };
  },
});

const options = (parameters: readonly ParameterSource[] = [], more: Partial<CompileOptions> = {}): CompileOptions => ({
  project: { name: "p", root: process.cwd(), stateDirectory: root },
  fingerprints: false,
  encode: async (value, type) => ({
    digest: `sha256:${createHash("sha256")
      .update(`${typeof value} ${JSON.stringify(value)}`)
      .digest("hex")}`,
    type: type?.name ?? "json",
  }),
  parameters,
  ...more,
});

const planOf = async (definition: PipelineDefinition, parameters: readonly ParameterSource[] = []) =>
  await compile(definition, options(parameters));
const body = (make: () => BodyResult) => pipeline("p", make);
const stepOf = (steps: readonly PlannedStep[], id: string) => steps.find((each_) => each_.id === id) as PlannedStep;
const failure = async (definition: PipelineDefinition, parameters: readonly ParameterSource[] = []) => {
  const error = await planOf(definition, parameters).then(
    () => undefined,
    (reason: unknown) => reason as { code: string; message: string },
  );
  return { code: error?.code, message: error?.message ?? "" };
};

describe("a plan", () => {
  test("has the steps in order, with their wires, parameters, outputs and settings", async () => {
    const { plan, steps } = await planOf(training);
    expect(plan.steps.map(({ id }) => id)).toEqual(["load", "split", "fit"]);
    expect(plan.outputs).toEqual({
      model: { from: "step", step: "fit", output: "output" },
      test: { from: "step", step: "split", output: "test" },
    });
    expect(stepOf(plan.steps, "split")).toMatchObject({
      inputs: { rows: { from: "step", step: "load", output: "output" } },
      outputs: { train: { type: "table", artifact: "training.split.train" }, test: { type: "table" } },
      single: false,
      settings: { retries: 2, timeout: 5_400_000, tags: ["data"] },
    });
    expect(stepOf(plan.steps, "load")).toMatchObject({
      parameters: { seed: 4 },
      single: true,
      source: { binding: "load" },
    });
    expect(steps.get("fit")).toBe(fit);
  });

  test("reads back as it was written, and is the same each time", async () => {
    const { plan, text, digest } = await planOf(training);
    expect(await readPlan(text)).toEqual(plan);
    expect((await planOf(training)).digest).toBe(digest);
    expect(text).not.toContain(root);
  });

  test("numbers further calls of one step, and takes the names that calls ask for", async () => {
    const { plan } = await planOf(
      body(() => {
        load();
        load();
        load({}, {}, { name: "load_2" });
        load();
      }),
    );
    expect(plan.steps.map(({ id }) => id)).toEqual(["load", "load_3", "load_2", "load_4"]);
  });

  test("has literals by digest, once each, and external values under their own name", async () => {
    const { plan, literals } = await planOf(
      body(() => {
        add({ x: 1, y: "1" });
        add({ x: 1, y: external({ a: 1 }, { name: "survey" }) }, {}, { name: "second" });
      }),
    );
    const [first, second] = plan.steps as [PlannedStep, PlannedStep];
    expect(first.inputs.x).toMatchObject({ from: "literal", artifact: "p.add.x", type: "json" });
    expect((first.inputs.x as { digest: string }).digest).toBe((second.inputs.x as { digest: string }).digest);
    expect((first.inputs.x as { digest: string }).digest).not.toBe((first.inputs.y as { digest: string }).digest);
    expect(second.inputs.y).toMatchObject({ artifact: "survey" });
    expect([...literals.values()].map(({ value }) => value)).toEqual([1, "1", { a: 1 }]);
  });

  test("has lists of handles, elements of maps, and references unresolved", async () => {
    const reference = { [referenceBrand]: { artifact: "model", version: "42" } } as unknown as Reference<number>;
    const { plan } = await planOf(
      body(() => {
        const one = add({ x: [load(), 5], y: reference });
        return map(add, { x: each(one), y: 2 });
      }),
    );
    expect(stepOf(plan.steps, "add").inputs).toMatchObject({
      x: {
        from: "list",
        items: [
          { from: "step", step: "load" },
          { from: "literal", artifact: "p.add.x.1" },
        ],
      },
      y: { from: "reference", reference: { artifact: "model", version: "42" } },
    });
    expect(stepOf(plan.steps, "add_2")).toMatchObject({
      mapped: true,
      inputs: { x: { from: "each", list: { step: "add" } } },
    });
  });

  test("lets a call set what the definition says differently, and adds tags", async () => {
    const { plan } = await planOf(
      body(() => {
        split(
          { rows: [] },
          {},
          { retries: 0, cache: { timeToLive: "1d", key: "k" }, tags: ["x"], resources: { memory: "4GiB", cpu: 2 } },
        );
      }),
    );
    expect(plan.steps[0]?.settings).toMatchObject({
      retries: 0,
      timeout: 5_400_000,
      cache: { enabled: true, timeToLive: 86_400_000, key: "k" },
      resources: { memory: 4 * 2 ** 30, cpu: 2 },
      tags: ["data", "x"],
    });
  });

  test("follows 'after', by handle, by several outputs, and by name", async () => {
    const { plan } = await planOf(
      body(() => {
        const last = add({ x: 1, y: 2 }, {}, { name: "last", after: ["first"] });
        const parts = split({ rows: [] }, {}, { after: [last] });
        load({}, {}, { name: "first" });
        load({}, {}, { name: "end", after: [parts] });
      }),
    );
    expect(plan.steps.map(({ id }) => id)).toEqual(["first", "last", "split", "end"]);
    expect(stepOf(plan.steps, "end").after).toEqual(["split"]);
  });
});

describe("parameters", () => {
  const from = (origin: ParameterSource["origin"], values: ParameterSource["values"]): ParameterSource => ({
    origin,
    values,
    ...(origin === "command line" ? { text: true } : {}),
  });

  test("are taken from the last source that sets them, and the origins are recorded", async () => {
    const sources = [
      from("code", { epochs: 6, note: "code" }),
      from("file", { note: "file", fit: { label: "file" } }),
      from("command line", { "fit.epochs": "9" }),
    ];
    const { plan, parameterOrigins } = await planOf(
      training.with({ parameters: { epochs: 7, "load.seed": 1 } }),
      sources,
    );
    expect(plan.parameters).toEqual({ epochs: 6, note: "file" });
    expect(stepOf(plan.steps, "fit").parameters).toEqual({ epochs: 9, label: "file", net: { rate: 0.1 } });
    expect(stepOf(plan.steps, "load").parameters).toEqual({ seed: 1 });
    expect(parameterOrigins).toEqual({
      epochs: "code",
      note: "file",
      "load.seed": "definition",
      "fit.epochs": "command line",
      "fit.label": "file",
      "fit.net": "default",
    });
  });

  test("from the command line that are refused either way are refused for what they mean", async () => {
    for (const [text, found] of [
      ["-1", "epochs: Too small"],
      ["many", "epochs: Invalid input: expected number, received string"],
    ] as const) {
      await expect(planOf(training, [from("command line", { "fit.epochs": text })])).rejects.toMatchObject({
        code: "PARAMETER_INVALID",
        message: expect.stringContaining(found),
      });
    }
  });

  test("from the command line are read as JSON where the schema takes that, else as text", async () => {
    const { plan } = await planOf(training, [
      from("command line", { epochs: "8", note: "17", "fit.label": "true", "fit.net": '{"rate":0.5}' }),
    ]);
    expect(plan.parameters).toEqual({ epochs: 8, note: "17" });
    expect(stepOf(plan.steps, "fit").parameters).toEqual({ epochs: 8, label: "true", net: { rate: 0.5 } });
    const nested = await planOf(training, [from("command line", { "fit.net.rate": "0.7" })]);
    expect(stepOf(nested.plan.steps, "fit").parameters).toMatchObject({ net: { rate: 0.7 } });
  });

  test.each([
    ["definition", "in the pipeline's definition"],
    ["code", "in code"],
    ["file", "in a file"],
    ["command line", "on the command line"],
  ] as const)("of the wrong type from %s are refused, saying so", async (origin, words) => {
    const given = { epochs: "many" } as never;
    const error =
      origin === "definition"
        ? await failure(training.with({ parameters: given }))
        : await failure(training, [from(origin, given)]);
    expect(error.code).toBe("PARAMETER_INVALID");
    expect(error.message).toContain(words);
    expect(error.message).toContain("epochs");
    expect(error.message).toContain('"many"');
    const inner = await failure(training, [from(origin, { "fit.epochs": "many" })]);
    expect(inner.message).toContain("step 'fit'");
    expect(inner.message).toContain(words);
  });

  test("that nobody knows are refused, with the nearest name", async () => {
    expect(await failure(training, [from("code", { epoch: 3 })])).toMatchObject({
      code: "PARAMETER_UNKNOWN",
      message: expect.stringContaining("Did you mean 'epochs'?"),
    });
    expect((await failure(training, [from("command line", { "fit.epoch": "3" })])).message).toContain("'epochs'");
    expect((await failure(training, [from("file", { "fti.epochs": 3 })])).message).toContain("'fit.epochs'");
    expect((await failure(training, [from("file", { "epochs.x": 3 })])).message).toContain("set it as a whole");
  });

  test("that a body gives wrongly are refused", async () => {
    const wrong = body(() => {
      load({}, { seed: "x" as never });
    });
    expect(await failure(wrong)).toMatchObject({ code: "PARAMETER_INVALID", message: expect.stringContaining("seed") });
    const unknown = body(() => {
      load({}, { sede: 1 } as never);
    });
    expect((await failure(unknown)).message).toContain("Did you mean 'seed'?");
  });

  test("whose schema changes them are kept as given, and applied when the step starts", async () => {
    const dated = step({
      name: "dated",
      params: z.object({ at: z.coerce.date(), twice: z.number().transform((n) => n * 2) }),
      run: () => 1,
    });
    const { plan } = await planOf(
      body(() => {
        dated({}, { at: "2026-01-01", twice: 2 });
      }),
    );
    expect(plan.steps[0]?.parameters).toEqual({ at: "2026-01-01", twice: 2 });
  });

  test("cannot harm prototypes", async () => {
    const evil = JSON.parse('{"__proto__": {"polluted": 1}, "fit": {"__proto__": {"polluted": 1}}}') as Record<
      string,
      unknown
    >;
    await failure(training, [from("file", evil)]);
    await failure(training, [
      from("command line", { "fit.net.__proto__.polluted": "1", "fit.__proto__.polluted": "1" }),
    ]);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe("a pipeline is refused", () => {
  test("whose steps wait for each other", async () => {
    const circle = body(() => {
      load({}, {}, { name: "a", after: ["c"] });
      load({}, {}, { name: "b", after: ["a"] });
      load({}, {}, { name: "c", after: ["b"] });
    });
    const error = await failure(circle);
    expect(error.code).toBe("PIPELINE_CYCLE");
    expect(error.message).toMatch(/a → b → c → a|b → c → a → b|c → a → b → c/);
  });

  test("that waits for a step that is not there", async () => {
    const error = await failure(body(() => void load({}, {}, { name: "b", after: ["lod"] })));
    expect(error.code).toBe("STEP_UNKNOWN");
  });

  test("with two steps of one name", async () => {
    const named = body(() => {
      load({}, {}, { name: "a" });
      add({ x: 1, y: 2 }, {}, { name: "a" });
    });
    expect((await failure(named)).code).toBe("STEP_DUPLICATE");
    const other = step(load.name, () => 2);
    const two = body(() => {
      load();
      other();
    });
    expect((await failure(two)).code).toBe("STEP_DUPLICATE");
  });

  test("with an input that is missing, misspelt, undefined or buried", async () => {
    expect(await failure(body(() => void split({} as never)))).toMatchObject({
      code: "INPUT_INVALID",
      message: expect.stringContaining("'rows' is missing"),
    });
    expect((await failure(body(() => void split({ row: [] } as never)))).message).toContain("Did you mean 'rows'?");
    expect((await failure(body(() => void add({ x: undefined, y: 1 })))).message).toContain("undefined");
    expect((await failure(body(() => void add({ x: { deep: load() }, y: 1 })))).message).toContain("'deep'");
    expect((await failure(body(() => void add({ x: split({ rows: [] }), y: 1 })))).message).toContain("train, test");
    expect((await failure(body(() => void add({ x: () => 1, y: 1 })))).message).toContain("function");
    expect((await failure(body(() => void add({ x: each(load()), y: 1 } as never)))).message).toContain("map(add");
    expect((await failure(body(() => void map(add, { x: 1, y: 1 })))).message).toContain("each()");
  });

  test("whose body is async, or returns what is no output", async () => {
    expect(await failure(body((async () => {}) as never))).toMatchObject({ code: "PIPELINE_INVALID" });
    expect((await failure(body((() => ({ a: 5 })) as never))).message).toContain("'a'");
    expect((await failure(body((() => ({ a: split({ rows: [] }) })) as never))).message).toContain("train, test");
  });

  test("whose body throws, with the error as its cause", async () => {
    const error = await planOf(
      body(() => {
        throw new RangeError("too far");
      }),
    ).catch((reason: unknown) => reason as { code: string; message: string; cause: unknown });
    expect(error).toMatchObject({
      code: "PIPELINE_INVALID",
      message: expect.stringContaining("RangeError: too far"),
      cause: expect.any(RangeError),
    });
  });

  test("that uses a handle of another body", async () => {
    let leaked: never;
    await planOf(
      body(() => {
        leaked = load() as never;
      }),
    );
    expect((await failure(body(() => void split({ rows: leaked })))).code).toBe("HANDLE_MISUSED");
  });
});

describe("a slot", () => {
  const forest = step({
    name: "forest",
    params: z.object({ epochs: z.int() }),
    inputs: { train: table },
    run: () => ({ weight: 1 }),
  });

  test("can be filled by another step of the same interface", async () => {
    const { plan, steps } = await planOf(training.with({ steps: { fit: forest } }));
    expect(plan.steps.map(({ name }) => name)).toEqual(["load", "split", "forest"]);
    expect(steps.get("forest")).toBe(forest);
    expect((await planOf(training)).plan.steps.map(({ name }) => name)).toContain("fit");
  });

  test("refuses a step of another interface, or one that does not take what the body gives", async () => {
    const code = (change: () => unknown) => {
      try {
        return change();
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(code(() => training.with({ steps: { fit: split as never } }))).toBe("STEP_INTERFACE_MISMATCH");
    const more = step({ name: "more", inputs: { train: table, more: table }, run: () => ({ weight: 1 }) });
    expect(code(() => training.with({ steps: { fit: more as never } }))).toBe("STEP_INTERFACE_MISMATCH");
    expect(code(() => training.with({ steps: { fti: forest } as never }))).toBe("STEP_UNKNOWN");
    const bare = step({ name: "bare", inputs: { train: table }, run: () => ({ weight: 1 }) });
    const error = await failure(training.with({ steps: { fit: bare } }));
    expect(error).toMatchObject({ code: "STEP_INTERFACE_MISMATCH", message: expect.stringContaining("'epochs'") });
  });
});

describe("fingerprints", () => {
  const compiled = async (definition: PipelineDefinition) =>
    await compile(definition, options([], { fingerprints: true }));
  const inside = (settings: object) => step({ name: "inside", run: () => 1, ...settings });

  test("are there for steps at the top level of a module", async () => {
    const { plan, warnings } = await compiled(training);
    expect(plan.steps.every(({ fingerprint }) => /^sha256:[0-9a-f]{64}$/.test(fingerprint ?? ""))).toBe(true);
    expect(warnings.join()).not.toContain("inside a function");
    expect((await compiled(training)).plan).toEqual(plan);
  });

  test("are missing for a step that was made inside a function, with a warning, unless it has a key", async () => {
    const made = inside({});
    const { plan, warnings } = await compiled(body(() => void made()));
    expect(plan.steps[0]?.fingerprint).toBeUndefined();
    expect(warnings.join()).toContain("'inside'");
    const keyed = await compiled(body(() => void inside({ cache: { key: 1 } })()));
    expect(keyed.plan.steps[0]?.fingerprint).toMatch(/^sha256:/);
    expect(keyed.warnings).toEqual([]);
    expect((await compiled(body(() => void inside({ cache: false })()))).warnings).toEqual([]);
  });

  test("follow environment variables and files that the step names", async () => {
    const reading = inside({ cache: { key: 1, env: ["TENON_TEST_RATE"], files: ["./compile.ts"] } });
    const one = (await compiled(body(() => void reading()))).plan.steps[0]?.fingerprint;
    process.env.TENON_TEST_RATE = "2";
    const two = (await compiled(body(() => void reading()))).plan.steps[0]?.fingerprint;
    delete process.env.TENON_TEST_RATE;
    const three = (await compiled(body(() => void reading()))).plan.steps[0]?.fingerprint;
    expect(one).not.toBe(two);
    expect(three).toBe(one);
    const fewer = inside({ cache: { key: 1, env: ["TENON_TEST_RATE"] } });
    expect((await compiled(body(() => void fewer()))).plan.steps[0]?.fingerprint).not.toBe(one);
  });
});

test("the work of compiling grows with the number of steps, not faster", async () => {
  // Counted, not timed: how often the body's calls are looked at is what could go wrong.
  const chain = (n: number) =>
    body(() => {
      let x: unknown = 0;
      for (let i = 0; i < n; i += 1) x = add({ x, y: i % 10 });
    });
  let encoded = 0;
  const count = async (n: number) => {
    encoded = 0;
    const given = options();
    const { plan } = await compile(chain(n), {
      ...given,
      encode: async (value, type) => {
        encoded += 1;
        return await given.encode(value, type);
      },
    });
    expect(plan.steps).toHaveLength(n);
    return encoded;
  };
  expect(await count(50)).toBe(await count(3000));
});
