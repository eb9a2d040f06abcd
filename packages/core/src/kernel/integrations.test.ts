import { afterEach, beforeEach, expect, test } from "vitest";
import { TenonError } from "../errors.js";
import type { Kernel } from "./kernel.js";
import { openKernel } from "./open-kernel.js";
import { installMemory, objectSchema, TemporaryProject } from "./temporary-project.js";

let project: TemporaryProject;
let kernel: Kernel | undefined;
beforeEach(() => {
  project = new TemporaryProject();
});
afterEach(async () => {
  await kernel?.dispose();
  kernel = undefined;
  project.remove();
});

async function integrations() {
  kernel ??= await openKernel({ root: project.root });
  return kernel.integrations;
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "succeeded",
    (error) => (TenonError.is(error) ? error.code : String(error)),
  );

const good = (name: string, body = "") =>
  `export default { name: "${name}", components: [], materializers: [], hooks: {}, ${body} };`;
const described = (integration: string, more: object = {}) => ({ tenon: { api: "^1.0.0", integration, ...more } });

test("an integration is activated once, however often and at once it is asked for", async () => {
  project.dependingOn("a").install("a", described("a", { contributes: { hooks: true } }), {
    "index.js": `globalThis.activations = 0;
      export default { name: "a", components: [], materializers: [], hooks: { runFinished() {} },
        activate({ container, hooks }) { globalThis.activations += 1; container.registerValue({ id: "a/thing" }, 7); hooks.on("runStarted", () => {}); } };`,
  });
  const all = await integrations();
  const [first, second] = await Promise.all([all.activate("a"), all.activate("a"), all.check("a")]);
  await all.activate("a");
  expect(first).toBe(second);
  expect((globalThis as unknown as { activations: number }).activations).toBe(1);
  expect(kernel?.container.resolve({ id: "a/thing" })).toBe(7);
  expect(kernel?.hooks.listens("runFinished")).toBe(true);
  expect(all.list()).toMatchObject([{ name: "a", active: true, fault: undefined }]);
});

test("listeners are told of an activation", async () => {
  project.dependingOn("a").install("a", described("a"), { "index.js": good("a") });
  const told: unknown[] = [];
  const all = await integrations();
  kernel?.hooks.on("integrationActivated", (context) => void told.push(context));
  await all.activate("a");
  expect(told).toEqual([{ integration: "a", version: "1.0.0", durationMs: expect.any(Number) }]);
});

test("what goes wrong with one stays with that one", async () => {
  project.dependingOn("throws", "empty", "lost", "newer", "unreadable", "fails", "fine");
  project.install("throws", described("throws"), { "index.js": "throw new Error('bad day')" });
  project.install("empty", described("empty"), { "index.js": "export const nothing = 1;" });
  project.install("lost", { ...described("lost"), exports: "./lost.js" });
  project.install("newer", { tenon: { api: "^2.0.0", integration: "newer" } });
  project.install("unreadable", { tenon: { api: "^1.0.0", integration: "unreadable", contributes: 1 } });
  project.install("fails", described("fails"), {
    "index.js": good("fails", `activate({ hooks }) { hooks.on("runStarted", () => {}); throw new Error("no"); }`),
  });
  project.install("fine", described("fine"), { "index.js": good("fine") });
  const all = await integrations();
  expect(all.list().map(({ name }) => name)).toEqual([
    "empty",
    "fails",
    "fine",
    "lost",
    "newer",
    "throws",
    "unreadable",
  ]);
  expect(await codeOf(all.activate("throws"))).toBe("INTEGRATION_BROKEN");
  expect(await codeOf(all.activate("empty"))).toBe("INTEGRATION_BROKEN");
  expect(await codeOf(all.activate("lost"))).toBe("INTEGRATION_BROKEN");
  expect(await codeOf(all.activate("newer"))).toBe("INTEGRATION_INCOMPATIBLE");
  expect(await codeOf(all.activate("unreadable"))).toBe("INTEGRATION_MANIFEST_INVALID");
  expect(await codeOf(all.activate("fails"))).toBe("INTEGRATION_BROKEN");
  expect(kernel?.hooks.listens("runStarted")).toBe(false);
  expect(await codeOf(all.activate("fine"))).toBe("succeeded");
  expect((await all.check("throws")).faults[0]?.message).toMatch(/integration 'throws' \(throws 1\.0\.0\): bad day/);
  expect((await all.check("fine")).usable).toBe(true);
});

test("an unknown name suggests the nearest, or the package that has it, or the install that is due", async () => {
  project.dependingOn("plugin-slack", "@tenon/plugin-aws").install("plugin-slack", described("slack"));
  const all = await integrations();
  await expect(all.activate("slak")).rejects.toMatchObject({
    code: "INTEGRATION_UNKNOWN",
    fix: "Did you mean 'slack'?",
  });
  await expect(all.activate("gcp")).rejects.toMatchObject({ fix: "Install it: npm install @tenon/plugin-gcp." });
  await expect(all.activate("aws")).rejects.toMatchObject({
    fix: "Run npm install.",
    found: expect.stringMatching(/not installed/),
  });
});

test("two packages that say they are the same integration are both refused", async () => {
  project.dependingOn("one", "two").install("one", described("same")).install("two", described("same"));
  const all = await integrations();
  expect(await codeOf(all.activate("same"))).toBe("INTEGRATION_DUPLICATE");
  expect(all.list().map(({ fault }) => fault?.code)).toEqual(["INTEGRATION_DUPLICATE", "INTEGRATION_DUPLICATE"]);
});

test("a package that it cannot do without is missed before its code runs", async () => {
  project.dependingOn("a").install(
    "a",
    { ...described("a"), peerDependencies: { needed: "^1.0.0" } },
    {
      "index.js": "import 'needed'",
    },
  );
  expect(await codeOf((await integrations()).activate("a"))).toBe("REQUIREMENT_MISSING");
});

test("check says for each component what it lacks, and whether manifest and code agree", async () => {
  project.dependingOn("plugin-memory");
  installMemory(project);
  const flavors = { orchestrator: ["memory"], artifactStore: ["memory", "extra"], metadataStore: ["memory"] };
  project.write({
    "node_modules/plugin-memory/package.json": {
      name: "plugin-memory",
      version: "1.0.0",
      type: "module",
      exports: "./index.js",
      tenon: {
        api: "^1.0.0",
        integration: "memory",
        contributes: flavors,
        requires: [{ program: "no-such-program", install: "Build it", for: ["memory"] }],
      },
    },
  });
  const report = await (await integrations()).check("memory");
  expect(report.usable).toBe(false);
  expect(report.faults.map(({ found }) => found)).toEqual([
    "the manifest promises the artifactStore 'extra', which its code does not bring",
  ]);
  expect(report.components.map(({ kind, faults }) => [kind, faults.map(({ code }) => code)])).toEqual([
    ["orchestrator", ["REQUIREMENT_MISSING"]],
    ["artifactStore", ["REQUIREMENT_MISSING"]],
    ["metadataStore", ["REQUIREMENT_MISSING"]],
  ]);
});

test("what an integration finds missing itself is part of the check", async () => {
  project.dependingOn("a", "b");
  project.install("a", described("a"), { "index.js": good("a", "checkInstallation: () => ['a licence is missing']") });
  project.install("b", described("b"), {
    "index.js": good("b", "async checkInstallation() { throw new Error('crash'); }"),
  });
  const all = await integrations();
  expect((await all.check("a")).faults).toMatchObject([{ code: "REQUIREMENT_MISSING", found: "a licence is missing" }]);
  expect((await all.check("b")).faults).toMatchObject([{ code: "REQUIREMENT_BROKEN", found: "crash" }]);
});

test("an integration that would bring a core of its own is refused, and both places are named", async () => {
  project.dependingOn("a").install("a", described("a"), { "index.js": "import '@tenon/core'" });
  project.install("@tenon/core", { version: "1.0.0" }, {}, "node_modules/a/node_modules");
  await expect((await integrations()).activate("a")).rejects.toMatchObject({
    code: "CORE_DUPLICATE",
    found: expect.stringMatching(/node_modules\/a\/node_modules\/@tenon\/core, and the one in use is .*packages\/core/),
  });
});

test("integrations that tenon.yaml names are activated for their hooks when a stack is resolved", async () => {
  project.dependingOn("plugin-memory", "plugin-slack");
  installMemory(project);
  project.install("plugin-slack", described("slack", { contributes: { hooks: true } }), {
    "index.js": `export default { name: "slack", components: [], materializers: [], hooks: {
      stackResolved: { handler: ({ stack }) => { globalThis.resolvedStack = stack; } } } };`,
  });
  project.write({
    "tenon.yaml":
      "stack: m\nintegrations: [slack]\nstacks: { m: { orchestrator: memory, artifactStore: memory, metadataStore: memory } }",
  });
  await integrations();
  await kernel?.resolveStack(undefined, { kinds: ["metadataStore"] });
  expect(kernel?.hooks.listens("stackResolved")).toBe(false);
  await kernel?.resolveStack();
  expect((globalThis as { resolvedStack?: string }).resolvedStack).toBe("m");
});

test("a hook of an integration that fails is a warning which names it, and no failure", async () => {
  project.dependingOn("a").install("a", described("a", { contributes: { hooks: true } }), {
    "index.js": `export default { name: "a", components: [], materializers: [], hooks: {
      runFinished() { throw new Error("no network"); } } };`,
  });
  const warnings: TenonError[] = [];
  kernel = await openKernel({ root: project.root, onWarning: (warning) => warnings.push(warning) });
  await kernel.integrations.activate("a");
  await kernel.hooks.emit("runFinished", { runId: "r", status: "succeeded", durationMs: 1 });
  expect(warnings).toMatchObject([
    { code: "HOOK_FAILED", message: expect.stringMatching(/integration 'a'.*no network/) },
  ]);
});

test("what has to be installed for one component is told with its ranges", async () => {
  project.dependingOn("plugin-two").install(
    "plugin-two",
    {
      ...described("two", { contributes: { artifactStore: ["light", "heavy"] } }),
      peerDependencies: { sdk: "^7.0.0" },
      peerDependenciesMeta: { sdk: { optional: true } },
    },
    {
      "kit.js": objectSchema,
      "index.js": `import { component } from "./kit.js";
        export default { name: "two", materializers: [], hooks: {}, components: [
          component("artifactStore", "light", {}, () => ({})), component("artifactStore", "heavy", {}, () => ({}), ["sdk"])] };`,
    },
  );
  const all = await integrations();
  expect(await all.packagesFor("two", "artifact-store/light")).toEqual([]);
  expect(await all.packagesFor("two", "artifact-store/heavy")).toEqual([{ name: "sdk", range: "^7.0.0" }]);
  await expect(all.packagesFor("two", "artifact-store/heavi")).rejects.toMatchObject({
    code: "FLAVOR_UNKNOWN",
    fix: "Did you mean 'artifact-store/heavy'?",
  });
});

test("what a materializer lacks is said, and installed, like what a component lacks", async () => {
  project.dependingOn("arrow").install(
    "arrow",
    {
      tenon: {
        api: "^1.0.0",
        integration: "arrow",
        contributes: { materializers: [{ type: "arrow/Table", writes: "arrow" }] },
      },
      peerDependencies: { "apache-arrow": "^21.0.0" },
      peerDependenciesMeta: { "apache-arrow": { optional: true } },
    },
    {
      "index.js": `export default { name: "arrow", components: [], hooks: {}, materializers: [
        { type: { kind: "artifactType", name: "arrow/Table" }, writes: "arrow", requires: ["apache-arrow"], load() {} } ] };`,
    },
  );
  const all = await integrations();
  const report = await all.check("arrow");
  expect(report.components.map(({ kind, flavor, faults }) => [kind, flavor, faults.map(({ code }) => code)])).toEqual([
    ["materializer", "arrow/Table", ["REQUIREMENT_MISSING"]],
  ]);
  expect(await all.packagesFor("arrow", "materializer/arrow/Table")).toEqual([
    { name: "apache-arrow", range: "^21.0.0" },
  ]);
});
