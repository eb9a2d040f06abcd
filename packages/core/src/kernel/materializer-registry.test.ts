import { afterEach, beforeEach, expect, test } from "vitest";
import { artifactType } from "../contracts/artifact-type.js";
import type { Materializer } from "../contracts/materializer.js";
import type { Kernel } from "./kernel.js";
import { openKernel } from "./open-kernel.js";
import { registerMaterializer } from "./registered-materializers.js";
import { TemporaryProject } from "./temporary-project.js";

class Tensor {}
class LayersModel {}
class Sequential extends LayersModel {}
class Forest {}

let project: TemporaryProject;
let kernel: Kernel | undefined;
const undo: (() => void)[] = [];
beforeEach(() => {
  project = new TemporaryProject();
  (globalThis as { loaded?: string[] }).loaded = [];
});
afterEach(async () => {
  for (const back of undo.splice(0)) back();
  await kernel?.dispose();
  kernel = undefined;
  project.remove();
});

async function registry() {
  kernel ??= await openKernel({ root: project.root });
  return kernel.materializers;
}
const loaded = () => (globalThis as { loaded?: string[] }).loaded;

interface Described {
  type: string;
  classes?: string[];
  writes: string;
  reads?: string[];
  recognises?: string;
  load?: string;
}

function install(name: string, ...materializers: Described[]): void {
  const list = materializers.map(
    ({ type, classes, writes, reads, recognises, load }) => `{
    type: { kind: "artifactType", name: "${type}" }, writes: "${writes}", classes: ${JSON.stringify(classes ?? [])}, reads: ${JSON.stringify(reads ?? [])},
    load: async () => { ${load ?? ""}; return { materializer: { type: { kind: "artifactType", name: "${type}" }, format: "${writes}", reads: [],
      ${recognises === undefined ? "" : `recognises: ${recognises},`} save: async () => {}, load: async () => "${type} as ${writes}" } }; } }`,
  );
  project.install(
    `plugin-${name}`,
    {
      tenon: {
        api: "^1.0.0",
        integration: name,
        contributes: { materializers: materializers.map(({ recognises: _, load: __, ...rest }) => rest) },
      },
    },
    {
      "index.js": `globalThis.loaded.push("${name}");
export default { name: "${name}", components: [], hooks: {}, materializers: [${list.join(",")}] };`,
    },
  );
}

const forest = (more: Partial<Materializer<Forest>> = {}): Materializer<Forest> => ({
  type: artifactType<Forest>("acme/Forest"),
  format: "forest/1",
  reads: ["forest/1"],
  recognises: (value) => value instanceof Forest,
  save: async () => {},
  load: async () => new Forest(),
  ...more,
});

test("built-ins are found by type and by value, and no integration is loaded for them", async () => {
  project.dependingOn("plugin-tf");
  install("tf", { type: "tf/Tensor", classes: ["Tensor"], writes: "npy" });
  const all = await registry();
  expect((await all.forType("json")).id).toBe("core:json");
  expect((await all.forValue({ a: [1] })).id).toBe("core:json");
  expect((await all.forValue(new Map())).id).toBe("core:structured");
  expect((await all.forValue(new Uint8Array(2))).id).toBe("core:bytes");
  expect(loaded()).toEqual([]);
});

test("a type is found through the manifests, and only the integration that has it is activated", async () => {
  project.dependingOn("plugin-tf", "plugin-arrow");
  install("tf", { type: "tf/Tensor", classes: ["Tensor"], writes: "npy" });
  install("arrow", { type: "arrow/Table", classes: ["Table"], writes: "arrow" });
  const { id, materializer } = await (await registry()).forType("tf/Tensor");
  expect(id).toBe("tf:Tensor");
  expect(await materializer.load(undefined as never)).toBe("tf/Tensor as npy");
  expect(loaded()).toEqual(["tf"]);
});

test("a value is found by its class, or by the nearest ancestor that somebody knows", async () => {
  project.dependingOn("plugin-tf", "plugin-arrow");
  install(
    "tf",
    { type: "tf/Tensor", classes: ["Tensor"], writes: "npy" },
    { type: "tf/LayersModel", classes: ["LayersModel"], writes: "layers" },
  );
  install("arrow", { type: "arrow/Table", classes: ["Table"], writes: "arrow" });
  const all = await registry();
  expect((await all.forValue(new Tensor())).id).toBe("tf:Tensor");
  expect((await all.forValue(new Sequential())).id).toBe("tf:LayersModel");
  expect(loaded()).toEqual(["tf"]);
});

test("a class of the same name that the materializer does not recognise is not given to it", async () => {
  project.dependingOn("plugin-tf");
  install("tf", { type: "tf/Tensor", classes: ["Tensor"], writes: "npy", recognises: "() => false" });
  await expect((await registry()).forValue(new Tensor())).rejects.toMatchObject({
    code: "MATERIALIZER_MISSING",
    found: expect.stringMatching(/tried were tf:Tensor of integration 'tf', which does not recognise it/),
  });
});

test("of two that could be meant none is taken, and both are named", async () => {
  project.dependingOn("plugin-a", "plugin-b");
  install("a", { type: "a/Table", classes: ["Tensor"], writes: "x" });
  install("b", { type: "b/Table", classes: ["Tensor"], writes: "y" });
  await expect((await registry()).forValue(new Tensor())).rejects.toMatchObject({
    code: "MATERIALIZER_AMBIGUOUS",
    found: expect.stringMatching(/a:Table of integration 'a'.*b:Table of integration 'b'/),
  });
});

test("a format chooses who writes it, or else who reads it", async () => {
  project.dependingOn("plugin-a");
  install(
    "a",
    { type: "a/Table", writes: "arrow", reads: ["csv"], load: "globalThis.chosen = 'arrow'" },
    { type: "a/Table", writes: "parquet", reads: ["arrow"] },
  );
  const all = await registry();
  const load = async (format: string) =>
    (await all.forType("a/Table", { format })).materializer.load(undefined as never);
  expect(await load("arrow")).toBe("a/Table as arrow");
  expect(await load("parquet")).toBe("a/Table as parquet");
  expect(await load("csv")).toBe("a/Table as arrow");
  await expect(all.forType("a/Table")).rejects.toMatchObject({ code: "MATERIALIZER_AMBIGUOUS" });
  await expect(all.forType("a/Table", { format: "jsonl" })).rejects.toMatchObject({
    code: "ARTIFACT_FORMAT_UNREADABLE",
    fix: "Load it as table or columns.",
  });
});

test("what the program registers comes first, and can be taken back", async () => {
  project.dependingOn("plugin-a");
  install("a", { type: "acme/Forest", classes: ["Forest"], writes: "x" });
  const back = registerMaterializer(forest());
  const all = await registry();
  expect((await all.forValue(new Forest())).id).toBe("project:acme/Forest");
  expect((await all.forType("acme/Forest")).id).toBe("project:acme/Forest");
  expect(loaded()).toEqual([]);
  back();
  expect((await all.forValue(new Forest())).id).toBe("a:acme/Forest");
});

test("a class instance that nobody knows explains where was looked and what to do", async () => {
  project.dependingOn("plugin-tf");
  install("tf", { type: "tf/Tensor", classes: ["Tensor"], writes: "npy" });
  await expect((await registry()).forValue(new Forest())).rejects.toMatchObject({
    code: "MATERIALIZER_MISSING",
    message:
      "Looking for a materializer of an instance of Forest (classes Forest): none in what the program registered, " +
      "the manifests of tf and the built-ins takes it. Return plain data, declare the output's type, or register one with " +
      "registerMaterializer, or name its module under 'materializers' in tenon.yaml.",
  });
  expect(loaded()).toEqual([]);
});

test("a class or type of an integration that is not installed names the package", async () => {
  project.dependingOn();
  const all = await registry();
  await expect(all.forValue(new Sequential())).rejects.toMatchObject({
    fix: "Install it: npm install @tenon/plugin-tensorflow.",
  });
  await expect(all.forType("tensorflow/Tensor")).rejects.toMatchObject({
    fix: "Install it: npm install @tenon/plugin-tensorflow.",
  });
  await expect(all.forType("jsno")).rejects.toMatchObject({ fix: "Did you mean 'json'?" });
});

test("a manifest that promises what its code does not bring is named", async () => {
  project.dependingOn("plugin-a");
  install("a", { type: "a/Table", writes: "x" });
  project.write({
    "node_modules/plugin-a/index.js": "export default { name: 'a', components: [], materializers: [], hooks: {} };",
  });
  await expect((await registry()).forType("a/Table")).rejects.toMatchObject({ code: "INTEGRATION_MANIFEST_INVALID" });
});

test("a materializer whose package fails to load is no silent miss", async () => {
  project.dependingOn("plugin-a");
  install("a", { type: "a/Table", writes: "x", load: "throw new Error('bad binary')" });
  await expect((await registry()).forType("a/Table")).rejects.toMatchObject({
    code: "MATERIALIZER_FAILED",
    found: "bad binary",
  });
});

test("modules that tenon.yaml names bring materializers of the project", async () => {
  project.dependingOn().write({
    "tenon.yaml": "materializers: [src/forest.mjs]",
    "src/forest.mjs": `export const forest = { type: { kind: "artifactType", name: "acme/Forest" }, format: "forest/1", reads: ["forest/1"],
      recognises: (value) => value?.constructor?.name === "Forest", async save() {}, async load() {} };
      export const other = 7;`,
  });
  const all = await registry();
  expect((await all.forValue(new Forest())).id).toBe("project:acme/Forest");
  expect((await all.forType("acme/Forest", { format: "forest/1" })).id).toBe("project:acme/Forest");
});

test("a module of the project that cannot be imported is named", async () => {
  project.dependingOn().write({ "tenon.yaml": "materializers: [src/gone.mjs]" });
  await expect((await registry()).forType("acme/Forest")).rejects.toMatchObject({
    message: expect.stringContaining("src/gone.mjs"),
  });
});
