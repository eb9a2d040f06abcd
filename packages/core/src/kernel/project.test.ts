import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { kinds } from "../contracts/component.js";
import { configurationKeys } from "./configuration.js";
import { openProject } from "./project.js";
import { TemporaryProject } from "./temporary-project.js";

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject();
});
afterEach(() => project.remove());

const opened = (yaml: string) => {
  project.write({ "tenon.yaml": yaml });
  return openProject({ root: project.root });
};

test("the nearest tenon.yaml is the project's root, before any package.json", async () => {
  project.write({ "tenon.yaml": "project: penguins", "app/package.json": { name: "app" }, "app/src/a.ts": "" });
  expect(await openProject({ cwd: join(project.root, "app/src") })).toEqual({
    name: "penguins",
    root: project.root,
    code: project.root,
    stateDirectory: join(project.root, ".tenon"),
    config: { project: "penguins" },
  });
});

test("without tenon.yaml the nearest package.json is, and gives the name", async () => {
  project.write({ "package.json": { name: "outer" }, "app/package.json": { name: "@acme/app" }, "app/src/a.ts": "" });
  const found = await openProject({ cwd: join(project.root, "app/src"), stateDirectory: "state" });
  expect(found).toMatchObject({ name: "@acme/app", root: join(project.root, "app") });
  expect(found.stateDirectory).toBe(join(project.root, "app/state"));
});

test("where there is neither, the search and the way out are told", async () => {
  await expect(openProject({ cwd: "/" })).rejects.toMatchObject({ code: "PROJECT_NOT_FOUND" });
});

test("a file with the other ending is not passed over in silence", async () => {
  project.write({ "tenon.yml": "project: a" });
  await expect(openProject({ root: project.root })).rejects.toMatchObject({ fix: "Rename it to tenon.yaml." });
});

test("an empty file says nothing", async () => {
  expect((await opened("# nothing\n")).config).toEqual({});
});

test("a component is a flavor alone, or a flavor with its configuration", async () => {
  const { config } = await opened(
    "stack: a\nstacks: { a: { artifactStore: local/filesystem, alerter: { flavor: mail, to: [x] } } }",
  );
  expect(config.stacks).toEqual({
    a: {
      artifactStore: { flavor: "local/filesystem", config: {} },
      alerter: { flavor: "mail", config: { to: ["x"] } },
    },
  });
});

test.each([
  ["not YAML at all", "a: [1,", /is not YAML that can be read/],
  ["two keys of one name", "project: a\nproject: b", /is not YAML that can be read/],
  ["several documents", "project: a\n---\nproject: b", /is not YAML that can be read/],
  ["a list", "- a", /the file is a list, and has to be a mapping/],
  ["a misspelt key", "stakcs: {}", /unknown key 'stakcs'.*Did you mean 'stacks'/],
  ["a key that nobody knows", "zzzzzzzz: 1", /It may have project, stack/],
  ["an active stack that there is not", "stack: prodd\nstacks: { prod: {} }", /no such stack.*Did you mean 'prod'/],
  ["a number for a name", "project: 12", /'project' is the number 12, and has to be a text/],
  ["a text for a list", "integrations: slack", /'integrations' is the string slack/],
  [
    "a component without a flavor",
    "stacks: { a: { artifactStore: { path: x } } }",
    /'stacks.a.artifactStore' has no 'flavor'/,
  ],
  ["a list for a component", "stacks: { a: { artifactStore: [x] } }", /'stacks.a.artifactStore' is a list/],
  [
    "a prototype",
    "stacks: { a: { artifactStore: { flavor: x, __proto__: { y: 1 } } } }",
    /'stacks.a.artifactStore.__proto__'/,
  ],
  ["a prototype by another name", 'stacks: { "__proto__": { x: { flavor: y } } }', /__proto__/],
  [
    "aliases that explode",
    `a: &a [x, x, x, x, x, x, x, x, x, x]\n${"bcdefgh"
      .split("")
      .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[index]}`).join(", ")}]`)
      .join("\n")}`,
    /is not YAML that can be read \(Excessive alias count/,
  ],
  ["nesting without end", `project: ${"[".repeat(100_000)}`, /100000 brackets, and 10000 are the most/],
  ["a file of megabytes", `# ${"x".repeat(2 ** 20)}`, /256 KiB is the most/],
])("refused with the file's name: %s", async (_, yaml, message) => {
  const refused = expect(opened(yaml)).rejects;
  await refused.toMatchObject({ code: "PROJECT_CONFIG_INVALID" });
  await expect(openProject({ root: project.root })).rejects.toThrow(message);
  await expect(openProject({ root: project.root })).rejects.toThrow(join(project.root, "tenon.yaml"));
  expect(({} as { y?: number }).y).toBeUndefined();
});

test("the JSON schema for editors knows the same keys and the same kinds", () => {
  const file = new URL("../../schema/tenon.schema.json", import.meta.url);
  const schema = JSON.parse(readFileSync(file, "utf8")) as {
    properties: object;
    $defs: { stack: { properties: object; required: string[] } };
  };
  expect(Object.keys(schema.properties)).toEqual([...configurationKeys]);
  expect(Object.keys(schema.$defs.stack.properties)).toEqual(Object.keys(kinds));
  expect(schema.$defs.stack.required).toEqual(Object.keys(kinds));
});
