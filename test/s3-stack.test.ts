import { join } from "node:path";
import { type RadosGateway, radosGatewayMissing, startRadosGateway } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execute, type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const missing = radosGatewayMissing();
if (missing !== undefined) console.warn(`Left out: ${missing}`);

const pipelines = `import { pipeline, step } from "@tenon/core";

const numbers = step("numbers", () => Array.from({ length: 1000 }, (_, index) => index));
const sum = step("sum", ({ values }) => ({ total: values.reduce((all, value) => all + value, 0) }));
export const totals = pipeline("totals", () => ({ total: sum({ values: numbers() }) }));
`;

describe.skipIf(missing !== undefined)("a stack with its artifacts in S3", () => {
  let gateway: RadosGateway;
  beforeAll(async () => {
    gateway = await startRadosGateway();
    await gateway.createBucket("tenon-tests");
  });
  afterAll(() => gateway?.stop());

  function there(name: string): { project: Project; tenon: (...argv: string[]) => ReturnType<Project["tenon"]> } {
    const made = project({
      "pipeline.mjs": pipelines,
      "tenon.yaml": `project: test
stacks:
  cloud:
    orchestrator: local/local
    artifactStore:
      flavor: aws/s3
      endpoint: ${gateway.endpoint}
      bucket: tenon-tests
      prefix: ${name}
      credentials: { accessKeyId: "\${env:S3_KEY}", secretAccessKey: "\${env:S3_SECRET}" }
    metadataStore: local/sqlite
  lost:
    orchestrator: local/local
    artifactStore:
      flavor: aws/s3
      endpoint: ${gateway.endpoint}
      bucket: no-such-bucket
      credentials: { accessKeyId: "\${env:S3_KEY}", secretAccessKey: "\${env:S3_SECRET}" }
    metadataStore: local/sqlite
`,
    });
    made.depend({ "@tenon/plugin-aws": "packages/plugin-aws" });
    const command = join(workspace, "packages/cli/bin/tenon.js");
    const env = { S3_KEY: gateway.accessKey, S3_SECRET: gateway.secretKey };
    return {
      project: made,
      tenon: (...argv) => execute(process.execPath, [command, ...argv], { cwd: made.directory, env }),
    };
  }

  test("is tried by tenon stack check, permission by permission", async () => {
    const { tenon } = there("check");
    const { code, stdout } = await tenon("stack", "check", "cloud");
    expect(stdout).toMatch(/✔ writing an object {2}s3:PutObject/);
    expect(stdout).toMatch(/✔ deleting it {2}s3:DeleteObject/);
    expect(code).toBe(0);
    const lost = await tenon("stack", "check", "lost", "--json");
    expect(lost.code).toBe(1);
    expect(lost.stdout).toContain("STORE_MISSING");
    expect(lost.stdout).not.toContain(gateway.secretKey);
    expect(JSON.parse(lost.stdout).usable).toBe(false);
  });

  test("keeps the same artifacts as a local one, and a second run finds them", async () => {
    const { tenon } = there("run");
    const digests = async (stack: string) => {
      const run = await tenon("run", "pipeline.mjs", "--stack", stack, "--json");
      expect(run.code, run.stderr).toBe(0);
      const text = run.stdout;
      return [...text.matchAll(/sha256:[0-9a-f]{64}/g)].map(([digest]) => digest);
    };
    const local = await digests("local");
    const cloud = await digests("cloud");
    expect(local.length).toBeGreaterThan(0);
    expect(cloud).toEqual(local);
    const again = await tenon("run", "pipeline.mjs", "--stack", "cloud");
    expect(again.code).toBe(0);
    expect(again.stdout).toMatch(/cached/);
  });
});
