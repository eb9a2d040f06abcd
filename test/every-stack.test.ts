import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execute } from "./project.js";
import { workspace } from "./sources.js";
import { artifactStores, metadataStores, type StartedStore, type StoreKind } from "./store-servers.js";

interface Example {
  readonly command: readonly string[];
  /** A module's text: what the pipeline needs on a stack before it runs there. The stack's name is in `STACK`. */
  readonly before?: string;
}

/** Projects under `examples/`, and how they are run. Each has to come out the same on every stack. */
const projects: Readonly<Record<string, Example>> = {
  penguins: { command: ["run", "pipeline.ts"] },
  digits: {
    // As little training as shows that the weights are the same.
    command: ["run", "pipeline.ts", "--param", "train.epochs=1", "--param", "train.filters=2"],
    before: 'await (await import("./src/data.ts")).images.commit({ stack: process.env.STACK });',
  },
};

/** Each store of one kind with at least one of the other. */
const stacks: readonly (readonly [artifacts: string, metadata: string])[] = [
  ["s3", "mysql"],
  ["s3", "postgres"],
  ["blob", "postgres"],
  ["gcs", "mysql"],
];

const kindOf = (store: string) => (artifactStores[store] ?? metadataStores[store]) as StoreKind;
const missing = new Map([...new Set(stacks.flat())].map((store) => [store, kindOf(store).missing()]));
for (const because of missing.values()) if (because !== undefined) console.warn(`Left out: ${because}`);

interface Ran {
  readonly status: string;
  readonly plan: string;
  readonly outputs: Readonly<Record<string, { readonly digest: string }>>;
}

const started = new Map<string, StartedStore>();
beforeAll(async () => {
  const here = [...missing].filter(([, because]) => because === undefined).map(([store]) => store);
  await Promise.all(here.map(async (store) => started.set(store, await kindOf(store).start())));
});
afterAll(async () => {
  await Promise.all([...started.values()].map((store) => store.stop()));
});

describe.each(Object.entries(projects))("the example %s", (name, { command, before }) => {
  let directory: string;
  let local: Ran;

  beforeAll(async () => {
    directory = copyOf(name);
    configure(directory, name);
    local = await run("local");
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));

  async function run(stack: string): Promise<Ran> {
    const env = Object.assign({}, ...stack.split("-").map((store) => started.get(store)?.env ?? {}));
    if (before) await node(["--import", "tsx", "--input-type=module", "--eval", before], { ...env, STACK: stack });
    const tenon = join(workspace, "packages/cli/bin/tenon.js");
    return JSON.parse(await node([tenon, ...command, "--stack", stack, "--json"], env)) as Ran;
  }

  async function node(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const { code, stdout, stderr } = await execute(process.execPath, argv, { cwd: directory, env });
    expect(code, stderr).toBe(0);
    return stdout;
  }

  const digestsOf = ({ outputs }: Ran) =>
    Object.fromEntries(Object.entries(outputs).map(([key, { digest }]) => [key, digest]));

  test.for(stacks)(
    "has the plan and the artifacts of a local run with %s and %s",
    async ([artifacts, metadata], { skip }) => {
      const absent = missing.get(artifacts) ?? missing.get(metadata);
      if (absent !== undefined) skip(absent);
      const ran = await run(`${artifacts}-${metadata}`);
      expect(ran.status).toBe("succeeded");
      expect(ran.plan).toBe(local.plan);
      expect(Object.keys(digestsOf(ran)).length).toBeGreaterThan(0);
      expect(digestsOf(ran)).toEqual(digestsOf(local));
    },
  );
});

/** The project in a directory of its own, with all plugins that have stores. */
function copyOf(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), "tenon-stacks-"));
  const source = join(workspace, "examples", name);
  const left = ["node_modules", ".tenon", "pipelines"];
  for (const entry of readdirSync(source).filter((entry) => !left.includes(entry))) {
    cpSync(join(source, entry), join(directory, entry), { recursive: true });
  }
  const link = (target: string, ...path: string[]) => {
    mkdirSync(join(directory, "node_modules", ...path, ".."), { recursive: true });
    symlinkSync(target, join(directory, "node_modules", ...path), "dir");
  };
  const modules = join(source, "node_modules");
  for (const entry of readdirSync(modules).filter((entry) => entry !== "@tenon")) link(join(modules, entry), entry);
  for (const entry of readdirSync(join(modules, "@tenon"))) link(join(modules, "@tenon", entry), "@tenon", entry);
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  for (const plugin of ["plugin-aws", "plugin-azure", "plugin-gcp", "plugin-sql"]) {
    link(join(workspace, "packages", plugin), "@tenon", plugin);
    manifest.dependencies[`@tenon/${plugin}`] = "*";
  }
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  return directory;
}

function configure(directory: string, project: string): void {
  const configured: Record<string, object> = {};
  for (const [artifacts, metadata] of stacks) {
    const [one, other] = [started.get(artifacts), started.get(metadata)];
    if (!one || !other) continue;
    const name = `${artifacts}-${metadata}`;
    configured[name] = {
      orchestrator: "local/local",
      artifactStore: one.configuration(`${project}/${name}`),
      metadataStore: other.configuration(`${project}-${name}`),
    };
  }
  // JSON is YAML.
  writeFileSync(join(directory, "tenon.yaml"), JSON.stringify({ project, stacks: configured }));
}
