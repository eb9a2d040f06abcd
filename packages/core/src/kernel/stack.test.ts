import { afterEach, beforeEach, expect, test } from "vitest";
import { componentKind, defineComponent, kinds } from "../contracts/component.js";
import type { Schema } from "../contracts/schema.js";
import { env } from "../contracts/secret.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "./kernel.js";
import { openKernel } from "./open-kernel.js";
import { secretSource } from "./secrets.js";
import { stack } from "./stack-definition.js";
import { installMemory, objectSchema, TemporaryProject } from "./temporary-project.js";

const anything: Schema<Record<string, unknown>, Record<string, unknown>> = {
  "~standard": { version: 1, vendor: "test", validate: (value) => ({ value: value as Record<string, unknown> }) },
};
const log = (): string[] => ((globalThis as { componentLog?: string[] }).componentLog ??= []);

let project: TemporaryProject;
let kernel: Kernel | undefined;

beforeEach(() => {
  project = new TemporaryProject().dependingOn("plugin-memory");
  installMemory(project);
  log().length = 0;
});
afterEach(async () => {
  await kernel?.dispose();
  kernel = undefined;
  project.remove();
  delete process.env.TENON_TEST_VALUE;
});

const yaml = (metadata = "memory", rest = "") => `
stack: main
stacks:
  main:
    orchestrator: memory/memory
    artifactStore: { flavor: memory/memory, bucket: b }
    metadataStore: ${metadata}
${rest}`;

async function open(): Promise<Kernel> {
  kernel = await openKernel({ root: project.root });
  return kernel;
}

async function faultOf(work: Promise<unknown>): Promise<TenonError> {
  try {
    await work;
  } catch (error) {
    if (TenonError.is(error)) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

test("the active stack of tenon.yaml is created, and disposed of in reverse order", async () => {
  project.write({ "tenon.yaml": yaml() });
  const resolved = await (await open()).resolveStack();
  expect(resolved.record).toEqual({
    name: "main",
    components: {
      orchestrator: { flavor: "memory/memory", config: {} },
      artifactStore: { flavor: "memory/memory", config: { bucket: "b" } },
      metadataStore: { flavor: "memory/memory", config: {} },
    },
  });
  expect(resolved.container.resolve(kinds.metadataStore.token)).toBe(resolved.metadataStore);
  await kernel?.dispose();
  expect(log()).toEqual([
    "create metadataStore",
    "create artifactStore",
    "create orchestrator",
    "dispose orchestrator",
    "dispose artifactStore",
    "dispose metadataStore",
  ]);
});

test("the same choice gives the same stack, and components are created once even when asked for at once", async () => {
  project.write({ "tenon.yaml": yaml() });
  const { resolveStack } = await open();
  const [ledgerOnly, whole] = await Promise.all([
    resolveStack(undefined, { kinds: ["metadataStore"] }),
    resolveStack("main"),
  ]);
  expect(ledgerOnly).toBe(whole);
  expect(log().filter((line) => line === "create metadataStore")).toHaveLength(1);
});

test("who asks for one kind creates no other, and is not hindered by faults of the others", async () => {
  project.write({ "tenon.yaml": yaml().replace("orchestrator: memory/memory", "orchestrator: gone/gone") });
  const resolved = await (await open()).resolveStack(undefined, { kinds: ["metadataStore"] });
  expect(resolved.metadataStore).toBeDefined();
  expect(log()).toEqual(["create metadataStore"]);
  expect(() => resolved.artifactStore).toThrow(/nothing is registered/);
});

test("every fault of a stack is listed, not only the first", async () => {
  project.write({
    "tenon.yaml": `
stack: main
stacks:
  main:
    orchestrator: { flavor: memory/memory, concurrency: many }
    artifactStore: memory/memroy
`,
  });
  const fault = await faultOf((await open()).resolveStack());
  expect(fault.code).toBe("STACK_INVALID");
  const codes = (fault.details.faults as { code: string }[]).map(({ code }) => code);
  expect(codes.sort()).toEqual(["COMPONENT_CONFIG_INVALID", "FLAVOR_UNKNOWN", "STACK_INVALID"]);
  expect(fault.message).toMatch(/'concurrency'/);
  expect(fault.message).toMatch(/Did you mean 'memory\/memory'/);
  expect(fault.message).toMatch(/it has no metadataStore/);
  expect(log()).toEqual([]);
});

test("a misspelt kind, stack or flavor suggests the nearest one", async () => {
  project.write({ "tenon.yaml": yaml("memory/memory", "    artefactStore: memory/memory") });
  const kind = await faultOf((await open()).resolveStack());
  expect([kind.code, kind.fix]).toEqual(["FLAVOR_UNKNOWN", expect.stringContaining("artifactStore")]);
  const name = await faultOf((kernel as Kernel).resolveStack("mian"));
  expect([name.code, name.fix]).toEqual(["STACK_UNKNOWN", "Did you mean 'main'?"]);
});

test("without any configuration the local stack is wanted, and where it is not installed the mend is named", async () => {
  const fault = await faultOf((await open()).resolveStack());
  expect(fault.code).toBe("STACK_INVALID");
  expect(fault.message).toMatch(/npm install @tenon\/plugin-local/);
});

test("a token bound by the program replaces the component, which is not created", async () => {
  project.write({ "tenon.yaml": yaml() });
  const mine = { get: async () => undefined } as never;
  kernel = await openKernel({
    root: project.root,
    configure: (container) => container.registerValue(kinds.orchestrator.token, mine),
  });
  const resolved = await kernel.resolveStack();
  expect(resolved.orchestrator).toBe(mine);
  expect(resolved.record.components.orchestrator).toEqual({ flavor: "bound in code", config: {} });
  expect(log()).not.toContain("create orchestrator");
});

test("a component kind that the core does not know works in code", async () => {
  const alerter = componentKind<{ alert(text: string): string }>("alerter");
  const mail = defineComponent(alerter, {
    flavor: "mail",
    config: anything,
    load: async () => ({ create: ({ config }) => ({ alert: (text: string) => `${text} to ${String(config.to)}` }) }),
  });
  const chosen = stack({
    name: "code",
    orchestrator: yamlReference("orchestrator"),
    artifactStore: yamlReference("artifactStore"),
    metadataStore: yamlReference("metadataStore"),
    alerter: mail({ to: "ada@example.org" }),
  });
  const resolved = await (await open()).resolveStack(chosen);
  expect(resolved.component(alerter).alert("done")).toBe("done to ada@example.org");
  expect(resolved.record.components.alerter).toEqual({ flavor: "mail", config: { to: "ada@example.org" } });
});

test("a component kind that a plugin defines works in tenon.yaml", async () => {
  project.dependingOn("plugin-memory", "plugin-mail").install(
    "plugin-mail",
    { tenon: { api: "1", integration: "mail", contributes: { kinds: ["alerter"], alerter: ["mail"] } } },
    {
      "index.js": `export default { name: "mail", materializers: [], hooks: {}, components: [{
        kind: { name: "alerter", token: { id: "component/alerter" } }, flavor: "mail", requires: [],
        config: { "~standard": { version: 1, vendor: "t", validate: (value) => ({ value }) } },
        load: async () => ({ create: ({ config }) => ({ to: config.to }) }) }] };`,
    },
  );
  project.write({ "tenon.yaml": yaml("memory", "    alerter: { flavor: mail, to: ada }") });
  const resolved = await (await open()).resolveStack();
  expect(resolved.component(componentKind<{ to: string }>("alerter"))).toEqual({ to: "ada" });
});

test("a reference to a secret stays one until the component is created, and no record holds its value", async () => {
  process.env.TENON_TEST_VALUE = "swordfish";
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
  project.write({ "tenon.yaml": yaml('{ flavor: memory, password: "${env:TENON_TEST_VALUE}" }') });
  const resolved = await (await open()).resolveStack();
  const store = resolved.metadataStore as unknown as { config: unknown; secret: string };
  expect(store.secret).toBe("swordfish");
  expect(store.config).toEqual({ password: env("TENON_TEST_VALUE") });
  expect(JSON.stringify(resolved.record)).not.toContain("swordfish");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
  expect(resolved.record.components.metadataStore?.config).toEqual({ password: "${env:TENON_TEST_VALUE}" });
});

test("a text may come from the environment where the schema wants a text", async () => {
  process.env.TENON_TEST_VALUE = "bucket-7";
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
  project.write({ "tenon.yaml": yaml().replace("bucket: b", 'bucket: "${env:TENON_TEST_VALUE}"') });
  const resolved = await (await open()).resolveStack();
  expect((resolved.artifactStore as unknown as { config: unknown }).config).toEqual({ bucket: "bucket-7" });
});

test("a variable that is not set is named", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
  project.write({ "tenon.yaml": yaml('{ flavor: memory, password: "${env:TENON_TEST_VALUE}" }') });
  const fault = await faultOf((await open()).resolveStack());
  expect([fault.code, fault.found]).toEqual(["SECRET_MISSING", "the environment variable TENON_TEST_VALUE is not set"]);
});

test.each(["mysql://root:hunter2@db/tenon", "https://x.test/a?sig=hunter2", "Host=db;Password=hunter2"])(
  "a password written into a text is refused and not repeated: %s",
  async (url) => {
    project.write({ "tenon.yaml": yaml(`{ flavor: memory, url: "${url}" }`) });
    const fault = await faultOf((await open()).resolveStack());
    expect(fault.code).toBe("SECRET_INVALID");
    expect(fault.message).not.toContain("hunter2");
  },
);

test.each([
  [
    "import 'no-such-package-anywhere'; export const x = 1;",
    "REQUIREMENT_BROKEN",
    /needs sdk, which is installed in .* but broken/,
  ],
  ["export const broken = ;", "REQUIREMENT_BROKEN", /but broken/],
  ["throw new Error('no licence');", "REQUIREMENT_BROKEN", /installed in .* but broken: no licence/],
  [
    "globalThis.sdk = true;",
    "COMPONENT_FAILED",
    /Creating the artifactStore 'acme\/bucket' of stack 'main': out of paper/,
  ],
])(
  "a required package that is installed and fails to load is told from a component that does: %s",
  async (body, code, message) => {
    project.dependingOn("plugin-memory", "plugin-acme").install("sdk", { version: "1.0.0" }, { "index.js": body });
    project.install(
      "plugin-acme",
      {
        tenon: { api: "^1.0.0", integration: "acme", contributes: { artifactStore: ["bucket"] } },
        dependencies: { sdk: "^1.0.0" },
      },
      {
        "kit.js": objectSchema,
        "store.js": "import 'sdk'; export const create = () => { throw new Error('out of paper'); };",
        "index.js": `import { component } from "./kit.js";
        export default { name: "acme", materializers: [], hooks: {}, components: [
          { ...component("artifactStore", "bucket", {}, undefined, ["sdk"]), load: () => import("./store.js") }] };`,
      },
    );
    project.write({ "tenon.yaml": yaml().replace("{ flavor: memory/memory, bucket: b }", "acme/bucket") });
    const fault = await faultOf((await open()).resolveStack());
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
    expect(fault.cause).toBeInstanceOf(Error);
  },
);

test("a field that is named as a secret is refused where it is written out, and not repeated", async () => {
  project.write({ "tenon.yaml": yaml("{ flavor: memory, password: hunter2 }") });
  const fault = await faultOf((await open()).resolveStack());
  expect([fault.code, fault.details]).toEqual(["SECRET_INVALID", { path: "password" }]);
  expect(fault.message).not.toContain("hunter2");
});

test("a secret can come from a source that a plugin registers", async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
  project.write({ "tenon.yaml": yaml('{ flavor: memory, password: "${vault:db/main}" }') });
  expect((await faultOf((await open()).resolveStack())).found).toBe("there is no secret source 'vault'");
  const source = { read: async (name: string) => `opened ${name}` };
  const other = await openKernel({
    root: project.root,
    configure: (container) => container.registerValue(secretSource("vault"), source),
  });
  const { metadataStore } = await other.resolveStack();
  expect((metadataStore as unknown as { secret: string }).secret).toBe("opened db/main");
  await other.dispose();
});

test("a worker is told that a component was bound by the program that started the run", async () => {
  project.write({ "tenon.yaml": yaml() });
  const mine = { registered: true } as never;
  kernel = await openKernel({
    root: project.root,
    configure: (container) => container.registerValue(kinds.orchestrator.token, mine),
  });
  const { record } = await kernel.resolveStack();
  const worker = await openKernel({ root: project.root });
  const fault = await faultOf(worker.resolveStack(record));
  expect([fault.code, fault.found]).toEqual([
    "STACK_INVALID",
    "its orchestrator was bound by the program that started the run",
  ]);
  expect((await worker.resolveStack(record, { kinds: ["metadataStore"] })).metadataStore).toBeDefined();
  await worker.dispose();
});

test("a component under the name of another kind is refused", async () => {
  const alerter = componentKind<object>("alerter");
  const mail = defineComponent(alerter, {
    flavor: "mail",
    config: anything,
    load: async () => ({ create: () => ({}) }),
  });
  const chosen = stack({
    orchestrator: yamlReference("orchestrator"),
    artifactStore: mail() as never,
    metadataStore: yamlReference("metadataStore"),
  });
  const fault = await faultOf((await open()).resolveStack(chosen));
  expect([fault.code, fault.found]).toEqual(["COMPONENT_INVALID", "'mail' is of the kind alerter"]);
});

test("a stack can be taken from its record, as a worker does", async () => {
  project.write({ "tenon.yaml": yaml() });
  const { record } = await (await open()).resolveStack();
  project.remove("tenon.yaml");
  const worker = await openKernel({ root: project.root });
  const resolved = await worker.resolveStack(record);
  expect(resolved.record).toEqual(record);
  await worker.dispose();
});

test("an artifact store that belongs to another ledger is refused", async () => {
  project.write({ "tenon.yaml": yaml() });
  const first = await (await open()).resolveStack();
  const other = await openKernel({
    root: project.root,
    configure: (container) => container.registerValue(kinds.artifactStore.token, first.artifactStore),
  });
  expect((await faultOf(other.resolveStack())).code).toBe("STACK_MISMATCHED");
  await other.dispose();
});

test("a component that lacks a method of its kind is refused", async () => {
  const broken = defineComponent(kinds.artifactStore, {
    flavor: "broken",
    config: anything,
    load: async () => ({ create: () => ({ write: async () => true }) as never }),
  });
  const chosen = stack({
    orchestrator: yamlReference("orchestrator"),
    artifactStore: broken(),
    metadataStore: yamlReference("metadataStore"),
  });
  const fault = await faultOf((await open()).resolveStack(chosen));
  expect([fault.code, fault.found]).toEqual(["COMPONENT_INVALID", expect.stringContaining("read, stat")]);
});

function yamlReference(kind: string): never {
  return { component: true, kind, flavor: "memory/memory", config: {} } as never;
}
