import { describe, expect, test } from "vitest";
import { bad, expectRefusal, totals } from "./bad-input.js";
import { project } from "./project.js";

describe("a name that does not exist", () => {
  test("a flavor: the nearest one is named", async () => {
    const there = project({
      "pipeline.mjs": totals,
      "tenon.yaml":
        "project: test\nstacks:\n  odd:\n    artifactStore: { flavor: local/filesytem }\n    orchestrator: local/local\n    metadataStore: local/sqlite\n",
    });
    expectRefusal(
      await there.tenon("run", "pipeline.mjs", "--stack", "odd"),
      "FLAVOR_UNKNOWN",
      "filesytem",
      "filesystem",
    );
  });

  test("a stack: the nearest one is named", async () => {
    const there = project({ "pipeline.mjs": totals });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--stack", "locl"), "STACK_UNKNOWN", "locl", "local");
  });

  test("a step", async () => {
    const there = project({ "pipeline.mjs": totals });
    expect((await there.tenon("run", "pipeline.mjs")).code).toBe(0);
    expectRefusal(await there.tenon("run", "logs", "latest", "--step", "numbrs"), "STEP_UNKNOWN", "numbers");
  });

  test("a parameter", async () => {
    const there = project({ "pipeline.mjs": totals });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--param", "numbers.cuont=3"), "PARAMETER_UNKNOWN", "count");
    expectRefusal(
      await there.tenon("run", "pipeline.mjs", "--param", "numbrs.count=3"),
      "PARAMETER_UNKNOWN",
      "numbers.count",
    );
  });

  test("a pipeline", async () => {
    const there = project({ "pipeline.mjs": totals });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--pipeline", "totls"), "PIPELINE_UNKNOWN", "'totals'");
  });

  test("a file: the nearest one is named", async () => {
    const there = project({ "pipeline.mjs": totals });
    expectRefusal(await there.tenon("run", "pipelin.mjs"), "USAGE_INVALID", "pipeline.mjs");
  });

  test("a run and an artifact", async () => {
    const there = project({ "pipeline.mjs": totals });
    expect((await there.tenon("run", "pipeline.mjs")).code).toBe(0);
    expectRefusal(await there.tenon("run", "show", "01ZZZZZZ"), "RUN_UNKNOWN", "01ZZZZZZ");
    expectRefusal(await there.tenon("artifact", "show", "totals.smu"), "ARTIFACT_UNKNOWN", "totals.sum");
  });

  test("a command", async () => {
    expectRefusal(await project().tenon("artifcat", "list"), "USAGE_INVALID", "artifact");
  });
});

describe("a parameter of the wrong type", () => {
  const wrong = ["PARAMETER_INVALID", "count", /numbers/] as const;

  test("in the definition", async () => {
    const there = project({
      "pipeline.mjs": totals.replace("numbers()", 'numbers({}, { count: "many" })'),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), ...wrong, "definition");
  });

  test("in code", async () => {
    const there = project({
      "pipeline.mjs": totals,
      "start.mjs": `import { run } from "@tenon/core"; import { totals } from "./pipeline.mjs";
        try { await run(totals, { params: { "numbers.count": "many" } }); } catch (error) { console.error(error.code, error.message); process.exit(1); }`,
    });
    expectRefusal(await there.node("start.mjs"), ...wrong, "code");
  });

  test("in a YAML file", async () => {
    const there = project({ "pipeline.mjs": totals, "night.yaml": "numbers:\n  count: many\n" });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--params", "night.yaml"), ...wrong, "file");
  });

  test("on the command line", async () => {
    const there = project({ "pipeline.mjs": totals });
    expectRefusal(await there.tenon("run", "pipeline.mjs", "--param", "numbers.count=many"), ...wrong, "command line");
  });
});

describe("a pipeline that cannot be", () => {
  test("a cycle: the steps in it are named", async () => {
    const there = project({
      "pipeline.mjs": bad(
        'const a = step("a", ({ x }) => x); const b = step("b", ({ x }) => x);',
        'const first = a({ x: 1 }, {}, { after: ["b"] }); return { out: b({ x: first }) };',
      ),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "PIPELINE_CYCLE", "a", "b");
  });

  test("two steps of one name", async () => {
    const there = project({
      "pipeline.mjs": bad("", 'one({}, {}, { name: "same" }); return { out: one({}, {}, { name: "same" }) };'),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "STEP_DUPLICATE", "same");
  });

  test("a module that does not parse: file and line are named", async () => {
    const there = project({ "pipeline.mjs": `${totals}\nexport const broken = {;\n` });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "STEP_SOURCE_INVALID", "pipeline.mjs");
  });

  test.each([
    ["js", "commonjs"],
    ["ts", "commonjs"],
    ["ts", undefined],
  ])("a pipeline.%s in a project of type %s: what to write into package.json is said", async (extension, type) => {
    const name = `pipeline.${extension}`;
    const there = project({ [name]: totals });
    there.write("package.json", JSON.stringify({ ...JSON.parse(there.read("package.json")), type }));
    expectRefusal(await there.tenon("run", name), "STEP_SOURCE_INVALID", "npm pkg set type=module");
  });

  test("a TypeScript module that does not parse", async () => {
    const there = project({ "pipeline.ts": `${totals}\nexport const broken: = {;\n` });
    expectRefusal(await there.tenon("run", "pipeline.ts"), "STEP_SOURCE_INVALID", "pipeline.ts");
  });

  test("a plan that is none", async () => {
    const there = project({ "plan.yaml": "format: 1\nsteps: 3\n" });
    expectRefusal(await there.tenon("run", "plan.yaml"), "PLAN_INVALID", "plan.yaml");
  });
});

describe("tenon.yaml", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${"bcdefghi"
    .split("")
    .map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]}, `.repeat(9)}]`)
    .join("\n")}\nproject: test\n`;
  test.each([
    ["is not YAML", "project: [unclosed\n", /tenon\.yaml/],
    ["has an unknown key: the nearest is named", "projct: test\n", "'project'"],
    ["has aliases that explode", bomb, /alias|unknown key/i],
    ["has the key __proto__", "project: test\n__proto__: { polluted: true }\n", "__proto__"],
    ["is a list", "- project\n", "mapping"],
  ])("that %s", async (_, text, said) => {
    const there = project({ "pipeline.mjs": totals, "tenon.yaml": text });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "PROJECT_CONFIG_INVALID", "tenon.yaml", said);
  });
});

test("a Node that is too old", async () => {
  const there = project({
    "old.cjs": 'Object.defineProperty(process.versions, "node", { value: "18.20.0" });',
    "pipeline.mjs": totals,
  });
  const ended = await there.node("--require", "./old.cjs", "node_modules/tenon/bin/tenon.js", "run", "pipeline.mjs");
  expectRefusal(ended, "NODE_TOO_OLD", "18.20.0", "20.19");
});
