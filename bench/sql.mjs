// Overhead a step with the metadata in an SQL server: a chain of 200 beside the bare driver's statements, and beside SQLite.
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { compare, here, once, report, table } from "./measure.mjs";
import { makeProject } from "./project.mjs";

const runs = Number(process.env.RUNS ?? 5);
const steps = 200;
const node = process.execPath;
const root = fileURLToPath(new URL("..", import.meta.url));
const require = createRequire(join(root, "packages/core/package.json"));
// The build for `import` lies beside the one for `require`.
const loader = require.resolve("tsx/esm/api").replace(/\.cjs$/, ".mjs");
const { tsImport } = await import(pathToFileURL(loader).href);
const inner = (result) => JSON.parse(result.output.trim().split("\n").at(-1)).innerMs;

const servers = {
  mysql: (await tsImport("../test-servers/src/maria-db.ts", import.meta.url)).mariaDb,
  postgres: (await tsImport("../test-servers/src/postgres.ts", import.meta.url)).postgreSql,
};
/** Statements of each kind since the server began, by the server's own count. */
const counters = {
  mysql: async (server) => {
    const text = await server.sql("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_select', 'Com_insert')");
    const counts = Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((line) => line.split("\t")),
    );
    return { reads: Number(counts.Com_select), writes: Number(counts.Com_insert) };
  },
};

const rows = [];
let statements;
for (const [flavor, kind] of Object.entries(servers)) {
  if (!kind.installed()) {
    console.warn(`Left out: ${kind.name}, which is not installed. ${kind.install}`);
    continue;
  }
  const server = await kind.start();
  const projects = {};
  const make = (name, metadataStore) => {
    const project = makeProject({ "pipelines.mjs": readFileSync(join(here, "chain/pipelines.mjs"), "utf8") });
    projects[name] = project;
    symlinkSync(join(root, "packages/plugin-sql"), join(project.directory, "node_modules/@tenon/plugin-sql"), "dir");
    const manifest = JSON.parse(readFileSync(join(project.directory, "package.json"), "utf8"));
    manifest.dependencies["@tenon/plugin-sql"] = "*";
    writeFileSync(join(project.directory, "package.json"), JSON.stringify(manifest));
    const components = [
      "orchestrator: { flavor: local/local }",
      "artifactStore: { flavor: local/filesystem }",
      `metadataStore: ${metadataStore}`,
    ];
    writeFileSync(
      join(project.directory, "tenon.yaml"),
      `project: bench\nstack: here\nstacks:\n  here:\n    ${components.join("\n    ")}\n`,
    );
    return project;
  };
  const { host, port, database, user, password } = server;
  const uri = `${flavor}://${user}@${host}:${port}/${database}`;
  const onServer = make(
    "server",
    `{ flavor: sql/${flavor}, uri: "${uri}", password: "\${env:BENCH_PASSWORD}", table: bench }`,
  );
  const onFile = make("file", "{ flavor: local/sqlite }");
  const chain = (project) => ({ command: [node, "pipelines.mjs", "chain", String(steps)], cwd: project.directory });
  const env = { BENCH_PASSWORD: password };
  const empty = async () => {
    onServer.forget();
    await server.sql("DROP TABLE IF EXISTS bench");
  };
  try {
    if (counters[flavor] !== undefined) {
      await empty();
      const before = await counters[flavor](server);
      await once({ ...chain(onServer), env });
      const after = await counters[flavor](server);
      statements = { reads: (after.reads - before.reads) / steps, writes: (after.writes - before.writes) / steps };
    }
    const { reads, writes } = statements ?? { reads: 1, writes: 2 };
    const bare = [flavor, JSON.stringify({ host, port, database, user, password }), steps, reads, writes, 4].map(
      String,
    );
    const results = await compare(
      {
        bare: { command: [node, join(here, "sql/bare.mjs"), ...bare] },
        server: { ...chain(onServer), env, before: empty },
        file: { ...chain(onFile), before: onFile.forget },
      },
      { runs },
    );
    const [bareMs, serverMs, fileMs] = ["bare", "server", "file"].map((name) => inner(results[name]) / steps);
    rows.push([kind.name, serverMs, fileMs, bareMs, serverMs / bareMs, reads, writes]);
  } finally {
    for (const project of Object.values(projects)) project.remove();
    await server.destroy();
  }
}
if (rows.length > 0) {
  report(
    "A chain of 200 steps with its metadata in an SQL server",
    `${table([
      [
        "server",
        "Tenon ms a step",
        "Tenon on SQLite ms a step",
        "bare driver ms a step",
        "over the bare driver",
        "reads a step",
        "writes a step",
      ],
      ...rows,
    ])}

The server is on loopback, artifacts are local files. The bare driver does as many reads and writes of such records, one after the other, as the
server counted of Tenon's run (counted on MariaDB), and nothing else. Medians of ${runs} processes, taken in turn, each from an empty state.`,
  );
}
