import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Fingerprinter } from "./fingerprint.js";
import { FingerprintCache } from "./fingerprint-cache.js";

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

type Files = Readonly<Record<string, string>>;

const installed = (name: string, version: string, more: object = {}): Files => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version, type: "module", main: "index.js", ...more }),
  [`node_modules/${name}/index.js`]: "export const value = 1; export const step = () => {}; export const z = {};",
});

const base: Files = {
  "package.json": JSON.stringify({ name: "project", type: "module" }),
  ...installed("@tenon/core", "1.0.0"),
  ...installed("zod", "4.0.0"),
  ...installed("left", "1.0.0", { dependencies: { deep: "*" } }),
  ...installed("deep", "1.0.0"),
  ...installed("right", "1.0.0"),
  ...installed("polyfill", "1.0.0"),
  "src/steps.ts": `
    import { step, pipeline, run } from "@tenon/core";
    import { z } from "zod";
    import { value as left } from "left";
    import { value as right } from "right";
    import { helpA, helpB } from "./help.js";
    export const a = step({ name: "a", params: z.object({ k: z.number().default(1) }), retries: 1, run: () => helpA(left) });
    const b = step({ name: "b", params: z.object({ q: z.string() }).strict(), run: () => helpB(right) });
    export const both = pipeline("both", () => { a(); b(); });
    await run(both);
  `,
  "src/help.ts": `
    // About helping.
    export const helpA = (x: number) => x + 1;
    export const helpB = (x: number) => x + 2;
  `,
};

function project(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), "tenon-fingerprint-"));
  roots.push(root);
  write(root, files);
  return root;
}

function write(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

async function take(root: string, binding = "a", file = "src/steps.ts"): Promise<string | undefined> {
  const fingerprinter = new Fingerprinter(new FingerprintCache(join(root, ".tenon")));
  const { digest } = await fingerprinter.ofBinding(realpathSync(join(root, file)), binding);
  fingerprinter.cache.save();
  return digest;
}

test("the files that a step reaches are known, from the cache too; what is named and not there is none of them", async () => {
  const root = realpathSync(
    project({
      ...base,
      "src/steps.ts": `
    import { step } from "@tenon/core";
    import { helpA } from "./help.js";
    export const a = step("a", () => [new URL("./rows.csv", import.meta.url), new URL("./gone.csv", "file:///"), helpA(1)]);
  `,
      "src/rows.csv": "1",
      "src/neighbour.ts": "export const neighbour = 1;",
    }),
  );
  for (const _ of ["fresh", "cached"]) {
    const fingerprinter = new Fingerprinter(new FingerprintCache(join(root, ".tenon")));
    const { files = [] } = await fingerprinter.ofBinding(join(root, "src/steps.ts"), "a");
    fingerprinter.cache.save();
    const inside = ["src/help.ts", "src/rows.csv", "src/steps.ts"].map((name) => join(root, name));
    expect([...files].sort()).toEqual(inside);
  }
});

/** The digest of `a` before and after an edit, in one directory with its cache, so that the cache is tested with it. */
async function edited(files: Files, edit: Files, binding = "a"): Promise<boolean> {
  const root = project({ ...base, ...files });
  const before = await take(root, binding);
  expect(await take(root, binding), "the same code has the same digest").toBe(before);
  write(root, edit);
  const after = await take(root, binding);
  rmSync(join(root, ".tenon"), { recursive: true });
  expect(await take(root, binding), "the cache gives what a fresh look gives").toBe(after);
  return before !== after;
}

const steps = base["src/steps.ts"] as string;
const help = base["src/help.ts"] as string;
const using = (text: string): Files => ({
  "src/steps.ts": `import { step } from "@tenon/core";\n${text}`,
});

describe("must change", () => {
  const cases: Record<string, [before: Files, after: Files]> = {
    "the step's own function": [{}, { "src/steps.ts": steps.replace("helpA(left)", "helpA(left) + 1") }],
    "a helper in another file": [{}, { "src/help.ts": help.replace("x + 1", "x + 10") }],
    "the step's schema": [{}, { "src/steps.ts": steps.replace("default(1)", "default(2)") }],
    "the version of an imported package": [{}, installed("left", "1.0.1", { dependencies: { deep: "*" } })],
    "the version of a dependency of an imported package": [{}, installed("deep", "1.0.1")],
    "another file under an import's name": [
      {
        "src/help.js": "",
        ...using(`import { h } from "./util";\nexport const a = step("a", () => h());`),
        "src/util/index.ts": "export const h = () => 1;",
      },
      { "src/util.ts": "export const h = () => 2;" },
    ],
    "a side-effect import": [
      {
        ...using(`import "./setup.js";\nexport const a = step("a", () => globalThis.rate);`),
        "src/setup.ts": "globalThis.rate = 1;",
      },
      { "src/setup.ts": "globalThis.rate = 2;" },
    ],
    "a module of a package that says it has no side effects": [
      {
        "package.json": JSON.stringify({ name: "project", type: "module", sideEffects: false }),
        ...using(`import "./setup.js";\nexport const a = step("a", () => globalThis.rate);`),
        "src/setup.ts": "globalThis.rate = 1;",
      },
      { "src/setup.ts": "globalThis.rate = 2;" },
    ],
    "a bare import's version": [
      using(`import "polyfill";\nexport const a = step("a", () => [].at(0));`),
      installed("polyfill", "2.0.0"),
    ],
    "an entry of a map filled at the top level": [
      using(`const rates = new Map();\nrates.set("x", 1);\nexport const a = step("a", () => rates.get("x"));`),
      using(`const rates = new Map();\nrates.set("x", 2);\nexport const a = step("a", () => rates.get("x"));`),
    ],
    "a property set on a function": [
      using(`function h() { return h.rate; }\nh.rate = 1;\nexport const a = step("a", () => h());`),
      using(`function h() { return h.rate; }\nh.rate = 2;\nexport const a = step("a", () => h());`),
    ],
    "a property set on an object": [
      using(`const state = { n: 1 };\nstate.n = 2;\nexport const a = step("a", () => state.n);`),
      using(`const state = { n: 1 };\nstate.n = 3;\nexport const a = step("a", () => state.n);`),
    ],
    "a property set on an object of another module": [
      {
        ...using(`import { state } from "./state.js";\nstate.n = 2;\nexport const a = step("a", () => state.n);`),
        "src/state.ts": "export const state = { n: 1 };",
      },
      using(`import { state } from "./state.js";\nstate.n = 3;\nexport const a = step("a", () => state.n);`),
    ],
    "a variable assigned later": [
      using(`let n = 1;\nn = 2;\nexport const a = step("a", () => n);`),
      using(`let n = 1;\nn = 3;\nexport const a = step("a", () => n);`),
    ],
    "a variable assigned by a neighbour's argument": [
      using(`let n = 1;\nconst b = step("b", (n = 2, () => 0));\nexport const a = step("a", () => n);`),
      using(`let n = 1;\nconst b = step("b", (n = 3, () => 0));\nexport const a = step("a", () => n);`),
    ],
    "state set by the user's own function named step": [
      {
        "src/steps.ts": `import { step as define } from "@tenon/core";\nlet n = 0;\nconst step = (x: number) => { n += x; };\nconst unused = step(1);\nexport const a = define("a", () => n);`,
      },
      {
        "src/steps.ts": `import { step as define } from "@tenon/core";\nlet n = 0;\nconst step = (x: number) => { n += x; };\nconst unused = step(2);\nexport const a = define("a", () => n);`,
      },
    ],
    "state set by another module's function named z": [
      {
        ...using(
          `import { z } from "./z.js";\nimport { n } from "./z.js";\nconst unused = z.add(1);\nexport const a = step("a", () => n());`,
        ),
        "src/z.ts": "let s = 0; export const z = { add(x: number) { s += x; } }; export const n = () => s;",
      },
      using(
        `import { z } from "./z.js";\nimport { n } from "./z.js";\nconst unused = z.add(2);\nexport const a = step("a", () => n());`,
      ),
    ],
    "zod's configuration": [
      using(`import { z } from "zod";\nz.config({ jitless: true });\nexport const a = step("a", () => z.string());`),
      using(`import { z } from "zod";\nz.config({ jitless: false });\nexport const a = step("a", () => z.string());`),
    ],
    "a getter": [
      using(`const state = { get n() { return 1; } };\nexport const a = step("a", () => state.n);`),
      using(`const state = { get n() { return 2; } };\nexport const a = step("a", () => state.n);`),
    ],
    "a getter with an effect, read for nothing": [
      using(
        `let n = 0;\nconst state = { get next() { n += 1; return n; } };\nconst unused = state.next;\nexport const a = step("a", () => n);`,
      ),
      using(
        `let n = 0;\nconst state = { get next() { n += 2; return n; } };\nconst unused = state.next;\nexport const a = step("a", () => n);`,
      ),
    ],
    "an effect while a value is turned into a text": [
      using(
        `let n = 0;\nconst o = { toString() { n += 1; return ""; } };\nconst unused = \`\${o}\`;\nexport const a = step("a", () => n);`,
      ),
      using(
        `let n = 0;\nconst o = { toString() { n += 2; return ""; } };\nconst unused = \`\${o}\`;\nexport const a = step("a", () => n);`,
      ),
    ],
    "an effect while iterating": [
      using(
        `let n = 0;\nfunction* g() { n += 1; yield 1; }\nconst [unused] = g();\nexport const a = step("a", () => n);`,
      ),
      using(
        `let n = 0;\nfunction* g() { n += 2; yield 1; }\nconst [unused] = g();\nexport const a = step("a", () => n);`,
      ),
    ],
    "a class's static field": [
      using(`class A { static n = 1; }\nexport const a = step("a", () => A.n);`),
      using(`class A { static n = 2; }\nexport const a = step("a", () => A.n);`),
    ],
    "a static block's effect": [
      using(`let n = 0;\nclass A { static { n = 1; } }\nexport const a = step("a", () => n);`),
      using(`let n = 0;\nclass A { static { n = 2; } }\nexport const a = step("a", () => n);`),
    ],
    "an enum": [
      using(`enum Kind { X = 1 }\nexport const a = step("a", () => Kind.X);`),
      using(`enum Kind { X = 2 }\nexport const a = step("a", () => Kind.X);`),
    ],
    "an enum of another file": [
      {
        ...using(`import { Kind } from "./kind.js";\nexport const a = step("a", () => Kind[0]);`),
        "src/kind.ts": "export enum Kind { X }",
      },
      { "src/kind.ts": "export enum Kind { Y }" },
    ],
    "a namespace": [
      using(`namespace N { export const n = 1; }\nexport const a = step("a", () => N.n);`),
      using(`namespace N { export const n = 2; }\nexport const a = step("a", () => N.n);`),
    ],
    "what export * passes on": [
      {
        ...using(`import { h } from "./all.js";\nexport const a = step("a", () => h());`),
        "src/all.ts": `export * from "./one.js";`,
        "src/one.ts": "export const h = () => 1;",
      },
      { "src/one.ts": "export const h = () => 2;" },
    ],
    "which of two modules export * passes on": [
      {
        ...using(`import * as all from "./all.js";\nexport const a = step("a", () => all["h"]());`),
        "src/all.ts": `export * from "./one.js";`,
        "src/one.ts": "export const h = () => 1;",
        "src/two.ts": "export const h = () => 3;",
      },
      { "src/all.ts": `export * from "./two.js";` },
    ],
    "a whole namespace, used by a computed name": [
      {
        ...using(
          `import * as all from "./one.js";\nconst name = "h";\nexport const a = step("a", () => (all as never)[name + ""]());`,
        ),
        "src/one.ts": "export const h = () => 1;",
      },
      { "src/one.ts": "export const h = () => 2;" },
    ],
    "a default export": [
      {
        ...using(`import h from "./one.js";\nexport const a = step("a", () => h());`),
        "src/one.ts": "export default () => 1;",
      },
      { "src/one.ts": "export default () => 2;" },
    ],
    "a value awaited at the top level": [
      using(`const n = await Promise.resolve(1);\nexport const a = step("a", () => n);`),
      using(`const n = await Promise.resolve(2);\nexport const a = step("a", () => n);`),
    ],
    "a module imported on demand": [
      {
        ...using(`export const a = step("a", async () => (await import("./late.js")).h());`),
        "src/late.ts": "export const h = () => 1;",
      },
      { "src/late.ts": "export const h = () => 2;" },
    ],
    "a package imported on demand": [
      using(`export const a = step("a", async () => (await import("right")).value);`),
      installed("right", "1.0.1"),
    ],
    "JSON that is imported": [
      {
        ...using(`import data from "./data.json" with { type: "json" };\nexport const a = step("a", () => data.n);`),
        "src/data.json": `{"n":1}`,
      },
      { "src/data.json": `{"n":2}` },
    ],
    "a file named by its URL": [
      { ...using(`export const a = step("a", () => new URL("./data.csv", import.meta.url));`), "src/data.csv": "1" },
      { "src/data.csv": "2" },
    ],
    "a file named by its URL without a dot": [
      { ...using(`export const a = step("a", () => new URL("data/x.csv", import.meta.url));`), "src/data/x.csv": "1" },
      { "src/data/x.csv": "2" },
    ],
    "a file in a directory named by its URL": [
      {
        ...using(`export const a = step("a", () => new URL("./data/", import.meta.url));`),
        "src/data/deep/x.csv": "1",
      },
      { "src/data/deep/x.csv": "2" },
    ],
    "a module that a worker's module imports": [
      {
        ...using(`export const a = step("a", () => new URL("./worker.ts", import.meta.url));`),
        "src/worker.ts": `import { w } from "./deep.js"; console.log(w);`,
        "src/deep.ts": "export const w = 1;",
      },
      { "src/deep.ts": "export const w = 2;" },
    ],
    "the name of an environment variable that is read": [
      using(`export const a = step("a", () => process.env.A);`),
      using(`export const a = step("a", () => process.env.B);`),
    ],
    "what an alias of an extended tsconfig.json means": [
      {
        "tsconfig.json": `{ "extends": "./base.json" }`,
        "base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/one/*"] } } }`,
        ...using(`import { h } from "@/h.js";\nexport const a = step("a", () => h());`),
        "src/one/h.ts": "export const h = () => 1;",
        "src/two/h.ts": "export const h = () => 2;",
      },
      { "base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/two/*"] } } }` },
    ],
    "a file of another kind that is imported": [
      {
        ...using(`import query from "./query.sql";\nexport const a = step("a", () => query);`),
        "src/query.sql": "select 1",
      },
      { "src/query.sql": "select 2" },
    ],
    "the version of a package whose files are looked up": [
      using(`export const a = step("a", () => import.meta.resolve("right"));`),
      installed("right", "1.0.1"),
    ],
    "a CommonJS helper": [
      {
        ...using(`import help from "./help.cjs";\nexport const a = step("a", () => help.h());`),
        "src/help.cjs": "exports.h = () => 1;",
      },
      { "src/help.cjs": "exports.h = () => 2;" },
    ],
    "a wrapper around the function": [
      using(`const wrap = (f: () => number) => () => f() + 1;\nexport const a = step("a", wrap(() => 1));`),
      using(`const wrap = (f: () => number) => () => f() + 2;\nexport const a = step("a", wrap(() => 1));`),
    ],
    "a schema extended from another": [
      using(
        `import { z } from "zod";\nconst b = z.object({ k: z.number() });\nconst s = b.extend({ l: z.number() });\nexport const a = step({ name: "a", params: s, run: () => 1 });`,
      ),
      using(
        `import { z } from "zod";\nconst b = z.object({ k: z.string() });\nconst s = b.extend({ l: z.number() });\nexport const a = step({ name: "a", params: s, run: () => 1 });`,
      ),
    ],
    "a circular helper": [
      {
        ...using(`import { even } from "./even.js";\nexport const a = step("a", () => even(3));`),
        "src/even.ts": `import { odd } from "./odd.js"; export const even = (n: number): boolean => n === 0 || odd(n - 1);`,
        "src/odd.ts": `import { even } from "./even.js"; export const odd = (n: number): boolean => n !== 0 && even(n - 1);`,
      },
      {
        "src/odd.ts": `import { even } from "./even.js"; export const odd = (n: number): boolean => n !== 1 && even(n - 1);`,
      },
    ],
    "a linked workspace package": [
      {
        ...using(`import { h } from "linked";\nexport const a = step("a", () => h());`),
        "linked/package.json": `{"name":"linked","version":"1.0.0","type":"module","main":"index.js"}`,
        "linked/index.js": "export const h = () => 1;",
      },
      { "linked/index.js": "export const h = () => 2;" },
    ],
  };
  test.each(Object.entries(cases))("%s", async (name, [before, after]) => {
    if (name.startsWith("a linked")) {
      const root = project({ ...base, ...before });
      symlinkSync(join(root, "linked"), join(root, "node_modules/linked"));
      const first = await take(root);
      write(root, after);
      expect(await take(root)).not.toBe(first);
    } else expect(await edited(before, after)).toBe(true);
  });
});

describe("must not change", () => {
  const cases: Record<string, [before: Files, after: Files, binding?: string]> = {
    "a neighbour's function": [{}, { "src/steps.ts": steps.replace("helpB(right)", "helpB(right) * 5") }],
    "a neighbour's schema": [{}, { "src/steps.ts": steps.replace("z.string()", "z.boolean()") }],
    "a neighbour's helper": [{}, { "src/help.ts": help.replace("x + 2", "x + 20") }],
    "a neighbour's package": [{}, installed("right", "9.0.0")],
    "a package that a new neighbour imports": [
      {},
      { "src/steps.ts": `import { value as deep } from "deep";\n${steps}\nconst c = step("c", () => deep);` },
    ],
    "a comment": [{}, { "src/steps.ts": `/* new */ ${steps}`, "src/help.ts": `${help}\n// and more` }],
    formatting: [{}, { "src/help.ts": help.replaceAll(" ", "  ").replace("x  +  1", "(x+1)") }],
    types: [{}, { "src/help.ts": help.replace("x: number", "x: number | bigint as never").replace(" as never", "") }],
    "the pipeline's body": [{}, { "src/steps.ts": steps.replace("a(); b();", "b(); a();") }],
    "how often a failed step is tried again": [
      {},
      { "src/steps.ts": steps.replace("retries: 1", "retries: 5, timeout: '5m'") },
    ],
    "the native part of a package, which another platform has another one of": [
      installed("left", "1.0.0", { dependencies: { deep: "*" }, optionalDependencies: { "left-linux": "1.0.0" } }),
      installed("left-linux", "1.0.0", { os: ["linux"], cpu: ["x64"] }),
    ],
    "an unrelated file": [{}, { "src/other.ts": "export const other = 1;" }],
    "a change in a itself, for b": [{}, { "src/steps.ts": steps.replace("helpA(left)", "helpA(left) + 1") }, "b"],
  };
  test.each(Object.entries(cases))("%s", async (_, [before, after, binding]) => {
    expect(await edited(before, after, binding)).toBe(false);
  });
});

test("equal projects in different directories have equal digests", async () => {
  expect(await take(project(base))).toBe(await take(project(base)));
});

test("a step that is not exported, or that is the default export, has a fingerprint", async () => {
  const root = project({
    ...base,
    "src/one.ts": `import { step } from "@tenon/core";\nexport default step("one", () => 1);`,
  });
  expect(await take(root, "b")).not.toBe(await take(root, "a"));
  expect(await take(root, "default", "src/one.ts")).toMatch(/^[0-9a-f]{64}$/);
});

test("source that does not parse is refused with its place", async () => {
  const root = project({ ...base, "src/help.ts": "export const helpA = (;" });
  await expect(take(root)).rejects.toMatchObject({
    code: "STEP_SOURCE_INVALID",
    message: expect.stringContaining("help.ts"),
  });
});

test("code that parses, but that the bundler refuses, has no fingerprint and says why", async () => {
  const root = project({
    ...base,
    ...using(`import { gone } from "./help.js";\nexport const a = step("a", () => gone);`),
  });
  const fingerprinter = new Fingerprinter(new FingerprintCache(join(root, ".tenon")));
  const result = await fingerprinter.ofBinding(realpathSync(join(root, "src/steps.ts")), "a");
  expect(result).toMatchObject({ digest: undefined, failure: expect.stringContaining("gone") });
});

test("a module whose name is known only at run time is reported", async () => {
  const root = project({ ...base, ...using(`export const a = step("a", ({ x }: { x: string }) => import(x));`) });
  const fingerprinter = new Fingerprinter(new FingerprintCache(join(root, ".tenon")));
  expect(await fingerprinter.ofBinding(join(root, "src/steps.ts"), "a")).toMatchObject({ open: true });
});

test("a module that is not there, imported on demand, counts once it is", async () => {
  const optional = `export const a = step("a", () => import("./optional.js").catch(() => 0));`;
  expect(await edited(using(optional), { "src/optional.ts": "export const x = 1;" })).toBe(true);
});

test("a step of an installed package has the fingerprint of its versions", () => {
  const root = project(base);
  const take = () => {
    const fingerprinter = new Fingerprinter(new FingerprintCache(join(root, ".tenon")));
    return fingerprinter.ofPackage(realpathSync(join(root, "node_modules/left/index.js")), "value").digest;
  };
  const before = take();
  write(root, { "node_modules/left/index.js": "export const value = 2;" });
  expect(take()).toBe(before);
  write(root, installed("deep", "3.0.0"));
  expect(take()).not.toBe(before);
});
