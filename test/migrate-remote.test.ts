import { join } from "node:path";
import {
  available,
  type DatabaseServer,
  mariaDb,
  type RadosGateway,
  radosGatewayMissing,
  startRadosGateway,
} from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { execute, project } from "./project.js";
import { workspace } from "./sources.js";

vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const missing = radosGatewayMissing() ?? (available(mariaDb) ? undefined : "MariaDB is not installed");
if (missing !== undefined) console.warn(`Left out: ${missing}`);

const pipeline = `import { each, map, pipeline, step } from "@tenon/core";
const numbers = step({ name: "numbers", run: () => Array.from({ length: 20 }, (_, place) => place) });
const widened = step({ name: "widened", run: ({ number }) => String(number).repeat(1000) });
const large = step({ name: "large", run: () => new Uint8Array(12 * 1024 * 1024).fill(7) });
export const wide = pipeline({ name: "wide", model: { name: "wide" }, body: () => ({ wide: map(widened, { number: each(numbers()) }), large: large() }) });
`;

describe.skipIf(missing !== undefined)("moving from this machine to S3 and MariaDB", () => {
  let gateway: RadosGateway;
  let server: DatabaseServer;
  beforeAll(async () => {
    [gateway, server] = await Promise.all([startRadosGateway(), mariaDb.start()]);
    await gateway.createBucket("tenon-moved");
  });
  afterAll(async () => {
    await gateway?.stop();
    await server?.destroy();
  });

  test("brings runs, artifacts and models there, and the cache with them", async () => {
    const here = project({
      "pipeline.mjs": pipeline,
      "tenon.yaml": `project: test
stacks:
  shared:
    orchestrator: local/local
    artifactStore:
      flavor: aws/s3
      endpoint: ${gateway.endpoint}
      bucket: tenon-moved
      credentials: { accessKeyId: "\${env:S3_KEY}", secretAccessKey: "\${env:S3_SECRET}" }
    metadataStore:
      flavor: sql/mysql
      uri: mysql://${server.user}@${server.host}:${server.port}/${server.database}
      password: \${env:STORE_PASSWORD}
`,
    });
    here.depend({ "@tenon/plugin-aws": "packages/plugin-aws", "@tenon/plugin-sql": "packages/plugin-sql" });
    const env = { S3_KEY: gateway.accessKey, S3_SECRET: gateway.secretKey, STORE_PASSWORD: server.password };
    const tenon = async (...argv: string[]) => {
      const command = join(workspace, "packages/cli/bin/tenon.js");
      const { code, stdout, stderr } = await execute(process.execPath, [command, ...argv], {
        cwd: here.directory,
        env,
      });
      expect(code, `${argv.join(" ")}: ${stderr}${stdout}`).toBe(0);
      return argv.includes("--json") ? JSON.parse(stdout) : stdout;
    };
    await tenon("run", "pipeline.mjs");
    expect(await tenon("stack", "check", "shared", "--json")).toMatchObject({ usable: true });
    const moved = await tenon("stack", "migrate", "local", "shared", "--yes", "--verify", "--json");
    expect(moved).toMatchObject({ moved: true, runs: 1, models: 1, damaged: [] });
    expect(await tenon("stack", "migrate", "local", "shared", "--json")).toMatchObject({
      records: { missing: 0 },
      places: { missing: 0 },
    });
    const shown = (stack: string) => tenon("artifact", "show", "wide.large@1", "--json", "--stack", stack);
    const [before, after] = [await shown("local"), await shown("shared")];
    expect(after).toMatchObject({ digest: before.digest, created: before.created, producer: before.producer });
    expect(after.uri).toMatch(/^s3:\/\/tenon-moved\//);
    const value = (stack: string) => tenon("artifact", "load", "wide.widened", "--json", "--stack", stack);
    expect(await value("shared")).toEqual(await value("local"));
    await tenon("run", "pipeline.mjs", "--stack", "shared");
    const again = await tenon("run", "show", "latest", "--json", "--stack", "shared");
    expect(new Set(again.steps.map(({ status }: { status: string }) => status))).toEqual(new Set(["cached"]));
  });
});
