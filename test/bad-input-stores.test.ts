import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { bad, expectRefusal, totals } from "./bad-input.js";
import { execute, type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const database = ".tenon/metadata.sqlite";
const keyv = createRequire(join(workspace, "packages/plugin-local/package.json")).resolve("@keyv/sqlite");
const sqlite = createRequire(keyv).resolve("sqlite3");

/** Runs statements on the project's database from another process, and then what is asked for. */
const inSql = (there: Project, sql: string, then = "process.exit(0)") =>
  there.node(
    "-e",
    `const { Database } = require(${JSON.stringify(sqlite)});
     const db = new Database(${JSON.stringify(there.path(database))});
     db.exec(${JSON.stringify(sql)}, (error) => { if (error) { console.error(error.message); process.exit(1); } ${then} });`,
  );

async function afterOneRun(files: Record<string, string> = {}): Promise<Project> {
  const there = project({ "pipeline.mjs": totals, ...files });
  expect(await there.tenon("run", "pipeline.mjs")).toMatchObject({ code: 0 });
  return there;
}

/** The files of stored artifacts that hold this text. */
function stored(there: Project, text: string): string[] {
  const names = readdirSync(there.path(".tenon/artifacts"), { recursive: true, encoding: "utf8" });
  const files = names
    .map((name) => there.path(".tenon/artifacts", name))
    .filter((file) => file.includes("totals.sum@"));
  return files.filter((file) => readFileSync(file, "utf8").endsWith(`\n${text}`));
}

describe("the metadata file", () => {
  test("that is no database", async () => {
    const there = project({
      "pipeline.mjs": totals,
      [database]: "this is a text, and long enough to be looked at\n".repeat(40),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "STORE_NOT_A_DATABASE", "metadata.sqlite");
    expect(there.read(database)).toContain("this is a text");
  });

  test("that a newer version wrote", async () => {
    const there = await afterOneRun();
    const changed = await inSql(
      there,
      `UPDATE ${await table(there)} SET value = replace(value, '"format":1', '"format":99')`,
    );
    expect(changed).toMatchObject({ code: 0 });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "STORE_TOO_NEW", "99");
  });

  test("that another process has locked", async () => {
    const there = await afterOneRun({
      "tenon.yaml":
        "project: test\nstacks:\n  local:\n    orchestrator: local/local\n    artifactStore: local/filesystem\n    metadataStore: { flavor: local/sqlite, busyTimeout: 200 }\n",
    });
    const run = `require("node:child_process").execFile(process.execPath, ["node_modules/tenon/bin/tenon.js", "run", "pipeline.mjs"], (error, stdout, stderr) => { console.log(stdout, stderr); process.exit(error ? 1 : 0); })`;
    expectRefusal(await inSql(there, "BEGIN EXCLUSIVE", run), "STORE_LOCKED");
  });

  test.runIf(process.getuid?.() === 0)("that may only be read", async () => {
    const there = await afterOneRun();
    // Root may write anything: the command runs as nobody.
    for (const name of ["", ".tenon", ...readdirSync(there.path(".tenon")).map((name) => `.tenon/${name}`)]) {
      if (!name.endsWith("artifacts")) chmodSync(there.path(name), name.includes("sqlite") ? 0o444 : 0o755);
    }
    chownSync(there.path(".tenon/artifacts"), 65534, 65534);
    const argv = ["node_modules/tenon/bin/tenon.js", "run", "pipeline.mjs"];
    const ended = await execute(process.execPath, argv, { cwd: there.directory, uid: 65534 });
    expectRefusal(
      ended,
      /STORE_READ_ONLY|STORE_UNAVAILABLE/.exec(ended.stderr)?.[0] ?? "STORE_READ_ONLY",
      "metadata.sqlite",
    );
  });
});

async function table(there: Project): Promise<string> {
  const { stdout } = await inSql(
    there,
    "SELECT 1",
    `db.all("SELECT name FROM sqlite_master WHERE type='table'", (_, rows) => { console.log(rows[0].name); process.exit(0); })`,
  );
  return stdout.trim();
}

describe("an artifact's file", () => {
  test("that was altered: the artifact is refused, and nothing is taken from it", async () => {
    const there = await afterOneRun();
    const [file] = stored(there, "3");
    writeFileSync(file as string, readFileSync(file as string, "utf8").replace(/3$/, "7"));
    expectRefusal(await there.tenon("artifact", "load", "totals.sum"), "ARTIFACT_CORRUPT", "totals.sum");
  });

  test("that was deleted: the artifact is refused", async () => {
    const there = await afterOneRun();
    for (const file of stored(there, "3")) rmSync(file);
    expectRefusal(await there.tenon("artifact", "load", "totals.sum"), "ARTIFACT_MISSING", "totals.sum");
  });

  test("that was deleted with all others: the next run makes them again", async () => {
    const there = await afterOneRun();
    const objects = there.path(".tenon/artifacts/objects");
    for (const ledger of readdirSync(objects).filter((name) => !name.includes("."))) {
      rmSync(join(objects, ledger, "test/artifacts"), { recursive: true });
    }
    const again = await there.tenon("run", "pipeline.mjs");
    expect(again).toMatchObject({ code: 0 });
    expect((await there.tenon("artifact", "load", "totals.sum")).stdout).toContain("3");
  });
});

describe("a store in the middle of a run", () => {
  test("whose state directory is deleted says so", async () => {
    const there = project({
      "pipeline.mjs": bad(
        'import { rmSync } from "node:fs";\nconst gone = step("gone", () => { rmSync(".tenon", { recursive: true }); return 1; });\nconst after = step("after", ({ x }) => x);',
        "return { out: after({ x: gone() }) };",
      ),
    });
    expectRefusal(await there.tenon("run", "pipeline.mjs"), "STORE_VANISHED", ".tenon");
  });

  const mounted: string[] = [];
  afterEach(async () => {
    for (const directory of mounted.splice(0)) await execute("umount", [directory], { cwd: "/" });
  });

  test.runIf(process.platform === "linux" && process.getuid?.() === 0)(
    "that is full says so, and keeps what is done",
    async (context) => {
      const there = project({
        "pipeline.mjs": bad(
          'const small = step("small", () => 1);\nconst large = step("large", ({ x }) => "y".repeat(x * 8_000_000));',
          "return { out: large({ x: small() }) };",
        ),
      });
      mkdirSync(there.path(".tenon"));
      const mount = await execute("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", there.path(".tenon")], {
        cwd: "/",
      });
      if (mount.code !== 0) context.skip("a file system of its own cannot be mounted here");
      mounted.push(there.path(".tenon"));
      expectRefusal(await there.tenon("run", "pipeline.mjs"), "STORE_FULL", "large");
      expect((await there.tenon("run", "show")).stdout).toMatch(/small\s+\S+ succeeded/);
    },
  );
});

test("two runs at once in one project both succeed", async () => {
  const there = project({ "pipeline.mjs": totals });
  const both = await Promise.all([
    there.tenon("run", "pipeline.mjs"),
    there.tenon("run", "pipeline.mjs", "--no-cache"),
  ]);
  expect(both).toMatchObject([{ code: 0 }, { code: 0 }]);
  const runs = JSON.parse((await there.tenon("run", "list", "--json")).stdout);
  expect(Array.isArray(runs) ? runs : runs.runs).toHaveLength(2);
  expect(existsSync(there.path(database))).toBe(true);
});
