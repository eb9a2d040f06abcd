import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  available,
  type DatabaseServer,
  mariaDb,
  type RadosGateway,
  radosGatewayMissing,
  startRadosGateway,
} from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Machine, namespaceMachine, namespacesMissing, plainMachine } from "./machines.js";
import { execute } from "./project.js";
import { workspace } from "./sources.js";

const example = join(workspace, "examples/shared-stack");
const command = join(workspace, "packages/cli/bin/tenon.js");
const bucket = "stations";
const noGateway = radosGatewayMissing();
if (noGateway !== undefined) console.warn(`Left out: ${noGateway}`);
const noNamespaces = namespacesMissing();
if (noNamespaces !== undefined) console.warn(`In directories only: ${noNamespaces}`);

interface Shown {
  readonly status: string;
}

describe.skipIf(noGateway !== undefined || !available(mariaDb))(
  "a run whose workers share nothing but the stack",
  () => {
    let gateway: RadosGateway;
    let database: DatabaseServer;
    beforeAll(async () => {
      [gateway, database] = await Promise.all([startRadosGateway(), mariaDb.start()]);
      await gateway.createBucket(bucket);
    });
    afterAll(() => Promise.all([gateway?.stop(), database?.destroy()]));

    /** A copy of the project, in a directory that only this worker has. */
    function copy(): string {
      const directory = mkdtempSync(join(tmpdir(), "tenon-copy-"));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }));
      for (const name of ["pipeline.ts", "src", "package.json", "tenon.yaml"]) {
        cpSync(join(example, name), join(directory, name), { recursive: true });
      }
      symlinkSync(join(example, "node_modules"), join(directory, "node_modules"), "dir");
      // The test's database has a certificate of its own.
      const settings = `      tls: { ca: ${JSON.stringify(database.ca)}, serverName: localhost }\n`;
      appendFileSync(join(directory, "tenon.yaml"), settings);
      return directory;
    }

    async function surroundings(machine: Machine): Promise<Record<string, string>> {
      return {
        STATIONS_S3: `http://${await machine.reach(gateway.port)}`,
        STATIONS_BUCKET: bucket,
        STATIONS_S3_KEY: gateway.accessKey,
        STATIONS_S3_SECRET: gateway.secretKey,
        STATIONS_DB: `${database.user}@${await machine.reach(database.port)}/${database.database}`,
        STATIONS_DB_PASSWORD: database.password,
        TENON_LEASE_SECONDS: "3",
      };
    }

    /** The command line on a machine, in a copy of the project. */
    async function worker(machine: Machine, argv: readonly string[], more: Record<string, string> = {}) {
      const cwd = copy();
      const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env;
      const env = { ...inherited, NO_COLOR: "1", ...(await surroundings(machine)), ...more };
      const child = machine.start(process.execPath, [command, ...argv], { cwd, env });
      const said = { text: "" };
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding("utf8").on("data", (text: string) => {
          said.text += text;
        });
      }
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      onTestFinished(() => void child.kill("SIGKILL"));
      return { cwd, child, said, ended };
    }

    async function here(cwd: string, env: Record<string, string>, ...argv: string[]) {
      const { code, stdout, stderr } = await execute(process.execPath, [command, ...argv], { cwd, env });
      expect(code, stderr).toBe(0);
      return stdout;
    }

    const digestsOf = (run: { outputs: Record<string, { digest: string }> }) =>
      Object.fromEntries(Object.entries(run.outputs).map(([name, { digest }]) => [name, digest]));

    test("is done by both; the one killed in the middle of a step loses it to the other; every artifact is there once", async () => {
      const machine = noNamespaces === undefined ? namespaceMachine : plainMachine;
      const submitting = copy();
      const env = await surroundings(plainMachine("here"));
      const local = JSON.parse(await here(copy(), env, "run", "pipeline.ts", "--stack", "local", "--json"));
      const recorded = JSON.parse(await here(submitting, env, "run", "pipeline.ts", "--for-workers", "--json"));
      const { id } = recorded as { id: string };
      rmSync(submitting, { recursive: true });

      const slow = await worker(machine("worker-one"), ["step", "run", id], { STATIONS_REST: "600000" });
      // It has begun with the step that keeps it; what it says there can be read here.
      const looking = copy();
      const said = () => execute(process.execPath, [command, "run", "logs", id, "fit_coast"], { cwd: looking, env });
      await expect
        .poll(async () => slow.said.text + (await said()).stdout, { timeout: 120_000, interval: 1_000 })
        .toContain("epoch 1:");
      const quick = await worker(machine("worker-two"), ["step", "run", id]);
      // It has what the slow one has not; and then waits for it.
      await expect
        .poll(() => quick.said.text, { timeout: 120_000 })
        .toMatch(/fit_\w+ {2}succeeded[\s\S]*fit_\w+ {2}succeeded/);
      slow.child.kill("SIGKILL");
      expect(await slow.ended).not.toBe(0);
      expect(await quick.ended, quick.said.text).toBe(0);
      expect(slow.said.text).toMatch(/measure_\w+ {2}succeeded/);
      expect(quick.said.text).toMatch(/compare {2}succeeded/);

      const shown = JSON.parse(await here(looking, env, "run", "show", id, "--json")) as Shown;
      expect(shown.status).toBe("succeeded");
      expect(recorded.plan).toBe(local.plan);
      const run = JSON.parse(await here(looking, env, "run", "pipeline.ts", "--json"));
      // All of it is cached: these are the artifacts of the workers, with the digests of a local run.
      expect(run.steps.map(({ status }: { status: string }) => status)).toEqual(run.steps.map(() => "cached"));
      expect(digestsOf(run)).toEqual(digestsOf(local));
      const listed = JSON.parse(await here(looking, env, "artifact", "list", "--json"));
      expect(JSON.stringify(listed)).not.toContain('"version":"2"');
      for (const { id } of local.steps as { id: string }[]) {
        const versions = JSON.parse(await here(looking, env, "artifact", "list", `stations.${id}`, "--json"));
        expect([id, (versions.artifacts ?? versions).length]).toEqual([id, 1]);
      }
    }, 400_000);

    test("is refused by a worker whose copy of the code is another one", async () => {
      const env = await surroundings(plainMachine("here"));
      const { id } = JSON.parse(await here(copy(), env, "run", "pipeline.ts", "--for-workers", "--no-cache", "--json"));
      const other = copy();
      const file = join(other, "src/measure.ts");
      writeFileSync(file, readFileSync(file, "utf8").replace("toFixed(1)", "toFixed(2)"));
      const { code, stderr } = await execute(process.execPath, [command, "step", "run", id], { cwd: other, env });
      expect(code).toBe(10);
      expect(stderr).toContain("CODE_DIFFERENT");
    });
  },
);
