import { existsSync } from "node:fs";
import { available, type DatabaseServer, mariaDb, postgreSql } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { execute, type Project, project } from "./project.js";

const program = `
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { pipeline, run, step } from "@tenon/core";
const next = step("next", ({ n }) => n + 1);
const gate = step("gate", async ({ n }) => {
  writeFileSync("waiting", "");
  while (!existsSync("go")) await setTimeout(20);
  return n + 1;
});
const chain = pipeline("chain", () => {
  let n = next({ n: 0 });
  for (let index = 0; index < 5; index++) n = next({ n });
  n = gate({ n });
  for (let index = 0; index < 5; index++) n = next({ n });
  return { n };
});
const result = await run(chain, { stack: "shared" });
const statuses = {};
for (const { status } of Object.values(result.steps)) statuses[status] = (statuses[status] ?? 0) + 1;
console.log(JSON.stringify({ status: result.status, n: await result.outputs.n.load(), statuses }));
`;

const kinds = [
  { flavor: "mysql", server: mariaDb },
  { flavor: "postgres", server: postgreSql },
] as const;

describe.each(kinds)("a stack with its metadata in sql/$flavor", ({ flavor, server: kind }) => {
  describe.skipIf(!available(kind))(`on ${kind.name}`, () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await kind.start();
    });
    afterAll(() => server.destroy());

    const shared = (table: string): Project => {
      const files = project({
        "program.mjs": program,
        "tenon.yaml": `
project: test
stacks:
  shared:
    orchestrator: { flavor: local/local }
    artifactStore: { flavor: local/filesystem }
    metadataStore:
      flavor: sql/${flavor}
      uri: ${flavor}://${server.user}@${server.host}:${server.port}/${server.database}
      password: \${env:STORE_PASSWORD}
      table: ${table}
`,
      });
      files.link("@tenon/plugin-sql", "packages/plugin-sql");
      const manifest = JSON.parse(files.read("package.json"));
      manifest.dependencies["@tenon/plugin-sql"] = "*";
      files.write("package.json", JSON.stringify(manifest));
      return files;
    };
    const start = (files: Project, password: string, ...argv: string[]) =>
      execute(process.execPath, argv, { cwd: files.directory, env: { STORE_PASSWORD: password } });
    const tenon = "node_modules/tenon/bin/tenon.js";

    test("a server that restarts in the middle of a run delays it and nothing else", async () => {
      const files = shared("restarted");
      const running = start(files, server.password, "program.mjs");
      const early = running.then(({ stderr }) => expect.unreachable(`it ended early: ${stderr}`));
      const waiting = expect.poll(() => existsSync(files.path("waiting")), { timeout: 30_000 }).toBe(true);
      await Promise.race([waiting, early]);
      early.catch(() => {});
      await server.stop("SIGKILL");
      files.write("go", "");
      await server.start();
      const { code, stdout, stderr } = await running;
      expect(stderr).not.toContain(server.password);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toEqual({ status: "succeeded", n: 12, statuses: { succeeded: 12 } });
      const again = await start(files, server.password, "program.mjs");
      expect(JSON.parse(again.stdout)).toEqual({ status: "succeeded", n: 12, statuses: { cached: 12 } });
    });

    test("its check succeeds, and says what is wrong with a wrong password without repeating it", async () => {
      const files = shared("checked");
      const right = await start(files, server.password, tenon, "stack", "check", "shared");
      expect(right.code, right.stderr).toBe(0);
      const wrong = await start(files, "hidden-password", tenon, "stack", "check", "shared");
      expect(wrong.code).not.toBe(0);
      const said = wrong.stdout + wrong.stderr;
      expect(said).toContain("STORE_SIGN_IN_FAILED");
      expect(said).toContain(`${server.host}:${server.port}`);
      expect(said).not.toContain("hidden-password");
    });
  });
});
