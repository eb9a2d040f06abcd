import { execFile } from "node:child_process";
import { cpSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client } from "@tenon/core";
import {
  available,
  type DatabaseServer,
  mariaDb,
  postgreSql,
  type RadosGateway,
  radosGatewayMissing,
  type SlurmCluster,
  slurm as server,
  startRadosGateway,
} from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ClusterProject } from "./testing/cluster-project.js";
import { tenon } from "./testing/programs.js";

interface Example {
  readonly name: string;
  readonly parameters: readonly string[];
  /** A module's text: what the pipeline needs on a stack before it runs there. The stack's name is in `STACK`. */
  readonly before?: string;
}

/** Each is run here and on the cluster. */
const penguins: Example = { name: "penguins", parameters: [] };
const digits: Example = {
  name: "digits",
  // As little training as shows that the weights are the same.
  parameters: ["--param", "train.epochs=1", "--param", "train.filters=2"],
  before: 'await (await import("./src/data.ts")).images.commit({ stack: process.env.STACK });',
};
const examplesDirectory = fileURLToPath(new URL("../../../examples", import.meta.url));
const local = { orchestrator: { flavor: "local/local" }, artifactStore: { flavor: "local/filesystem", path: "here" } };

function copyOf(name: string, stacks: Record<string, unknown>): ClusterProject {
  const project = new ClusterProject();
  const from = join(examplesDirectory, name);
  const manifest = JSON.parse(readFileSync(join(from, "package.json"), "utf8"));
  cpSync(join(from, "src"), project.path("src"), { recursive: true });
  for (const file of readdirSync(from).filter((one) => /(?<!\.test)\.ts$/.test(one)))
    cpSync(join(from, file), project.path(file));
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  for (const one of packages) project.linkTo(one, realpathSync(join(from, "node_modules", one)));
  project.link("@tenon/plugin-aws", "packages/plugin-aws");
  project.depend("@tenon/plugin-aws", ...packages);
  project.write("tenon.yaml", JSON.stringify({ project: name, stacks }));
  return project;
}

/** A metadata store with a table for each example. */
function recordsIn(flavor: "mysql" | "postgres", server: DatabaseServer, { name }: Example) {
  const uri = `${flavor}://${server.user}@${server.host}:${server.port}/${server.database}`;
  return { flavor: `sql/${flavor}`, uri, password: `\${env:EXAMPLE_PASSWORD}`, table: `t_${name}` };
}

/** Runs a module's text in a project. */
async function evaluate(directory: string, text: string, environment: Record<string, string>): Promise<void> {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  const env = { ...inherited, ...environment };
  const argv = ["--import", "tsx", "--input-type=module", "--eval", text];
  await promisify(execFile)(process.execPath, argv, { cwd: directory, env });
}

/** Every artifact of the latest run: step and output to digest. */
async function digests(directory: string, stack: string, pipeline: string): Promise<Record<string, string>> {
  const client = new Client({ directory, stack });
  try {
    const run = await client.pipeline(pipeline).runs.latest();
    expect(run.status).toBe("succeeded");
    const found: Record<string, string> = {};
    for (const { stepId, outputs } of await run.steps()) {
      for (const name of Object.keys(outputs)) {
        found[`${stepId}.${name}`] = (await run.step(stepId).output(name).artifact()).digest;
      }
    }
    return found;
  } finally {
    await client.close();
  }
}

describe.skipIf(!available(server))("examples make the same artifacts on a Slurm cluster as here", () => {
  let cluster: SlurmCluster;
  beforeAll(async () => {
    cluster = await server.start();
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  });
  afterAll(() => cluster?.stop());

  async function compare(
    { name, parameters, before }: Example,
    stores: Record<string, unknown>,
    secrets: Record<string, string>,
  ) {
    const lines = Object.entries(secrets).map(([key, value]) => `export ${key}=${value}`);
    const orchestrator = { flavor: "slurm/slurm", setup: lines.length > 0 ? [". ./secrets"] : [] };
    const project = copyOf(name, {
      local: { ...local, metadataStore: { flavor: "local/sqlite" } },
      cluster: { orchestrator, ...stores },
    });
    Object.assign(process.env, secrets);
    project.write("secrets", lines.join("\n"));
    try {
      for (const stack of ["local", "cluster"]) {
        if (before) await evaluate(project.directory, before, { STACK: stack });
        await tenon(project.directory, "run", "pipeline.ts", ...parameters, "--stack", stack);
      }
      const here = await digests(project.directory, "local", name);
      expect(Object.keys(here).length).toBeGreaterThan(4);
      expect(await digests(project.directory, "cluster", name)).toEqual(here);
      const shown = JSON.parse(await tenon(project.directory, "run", "show", "--stack", "cluster", "--json"));
      expect(shown.plan).toBe(
        JSON.parse(await tenon(project.directory, "run", "show", "--stack", "local", "--json")).plan,
      );
      // The cluster's own numbers, as squeue has them: whoever looks for a step's job finds it.
      expect(shown.jobs.length).toBeGreaterThan(0);
      for (const { id, job = id } of shown.jobs) expect(job).toMatch(/^\d+(_\d+)?$/);
    } finally {
      project.remove();
    }
  }

  describe.skipIf(!available(mariaDb))(
    "with metadata in MariaDB and artifacts in a directory that all nodes see",
    () => {
      let database: DatabaseServer;
      beforeAll(async () => {
        database = await mariaDb.start();
      });
      afterAll(() => database?.destroy());

      test.each([penguins, digits])("$name", { timeout: 240_000 }, async (example) => {
        const metadataStore = recordsIn("mysql", database, example);
        const stores = { artifactStore: { flavor: "local/filesystem" }, metadataStore };
        await compare(example, stores, { EXAMPLE_PASSWORD: database.password });
      });
    },
  );

  const missing = radosGatewayMissing();
  if (missing) console.warn(`Left out: ${missing}`);
  const both = [available(postgreSql), missing === undefined].every(Boolean);
  describe.skipIf(!both)("with metadata in PostgreSQL and artifacts in S3", () => {
    let database: DatabaseServer;
    let gateway: RadosGateway;
    beforeAll(async () => {
      [database, gateway] = await Promise.all([postgreSql.start(), startRadosGateway()]);
      await gateway.createBucket("examples");
    });
    afterAll(async () => {
      await Promise.all([database?.destroy(), gateway?.stop()]);
    });

    test.each([penguins])("$name", { timeout: 240_000 }, async (example) => {
      const metadataStore = recordsIn("postgres", database, example);
      const credentials = { accessKeyId: `\${env:EXAMPLE_KEY}`, secretAccessKey: `\${env:EXAMPLE_SECRET}` };
      const artifactStore = { flavor: "aws/s3", bucket: "examples", endpoint: gateway.endpoint, credentials };
      const { accessKey: EXAMPLE_KEY, secretKey: EXAMPLE_SECRET } = gateway;
      await compare(
        example,
        { artifactStore, metadataStore },
        { EXAMPLE_PASSWORD: database.password, EXAMPLE_KEY, EXAMPLE_SECRET },
      );
    });
  });
});
