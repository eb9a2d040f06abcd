// The metadata store and the ledger on it: one million artifact versions, and the rate of inserts beside bare SQLite.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedger } from "../packages/core/dist/internal.js";
import { sqlite } from "../packages/plugin-local/dist/index.js";
import { median, report, table } from "./measure.mjs";

const versions = Number(process.env.VERSIONS ?? 1_000_000);
const perName = 1000;
const scratch = mkdtempSync(join(tmpdir(), "tenon-bench-metadata-"));
const { create } = await sqlite.load();
const open = (name, config = {}) =>
  create({ config, project: { name: "bench", root: scratch, stateDirectory: join(scratch, name) } });

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)];

async function timed(count, operation) {
  const times = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await operation(index);
    times.push(performance.now() - started);
  }
  return times;
}

const value = (length) => JSON.stringify({ text: "x".repeat(length) });
/** As many records as a step with one output and one input has, in the places of the key space where theirs lie. */
const commit = (index) =>
  ["attempt/start", "attempt/end", "cache", "consumer", "step", "version"].map((kind, place) => ({
    key: `p/bench/${kind}/${String((index * 7919) % 100_003).padStart(9, "0")}`,
    value: value(place < 4 ? 100 : 600),
  }));

async function tenonRates(name, config) {
  const store = await open(name, config);
  const rounds = 3000;
  const one = median(await timed(rounds, (n) => store.insert([{ key: `one/${n}`, value: value(100) }])));
  const six = median(await timed(rounds, (n) => store.insert(commit(n))));
  const get = median(await timed(rounds, (n) => store.get(`one/${(n * 31) % rounds}`)));
  const started = performance.now();
  for (let n = 0; n < rounds; n += 100) {
    const records = Array.from({ length: 100 }, (_, place) => ({ key: `many/${n + place}`, value: value(100) }));
    await Promise.all(records.map((record) => store.insert([record])));
  }
  const flight = (performance.now() - started) / rounds;
  await store.dispose();
  return [1 / one, 1 / six, 1 / flight, 1 / get].map((perMs) => perMs * 1000);
}

async function bareRates(synchronous) {
  const { default: Database } = await import("better-sqlite3");
  const database = new Database(join(scratch, `bare-${synchronous}.sqlite`));
  database.pragma("journal_mode = WAL");
  database.pragma(`synchronous = ${synchronous}`);
  database.exec("CREATE TABLE records (key VARCHAR(255) PRIMARY KEY, value TEXT)");
  const insert = database.prepare("INSERT INTO records (key, value) VALUES (?, ?)");
  const select = database.prepare("SELECT value FROM records WHERE key = ?");
  const all = database.transaction((records) => {
    for (const { key, value } of records) insert.run(key, value);
  });
  const rounds = 3000;
  const one = median(await timed(rounds, (n) => void insert.run(`one/${n}`, value(100))));
  const six = median(await timed(rounds, (n) => all(commit(n))));
  const get = median(await timed(rounds, (n) => void select.get(`one/${(n * 31) % rounds}`)));
  database.close();
  return [1 / one, 1 / six, Number.NaN, 1 / get].map((perMs) => perMs * 1000);
}

function artifact(name, version) {
  const digest = `sha256:${String(version).padStart(8, "0")}${"0123456789abcdef".repeat(4).slice(8)}`;
  return {
    name,
    type: "json",
    materializer: "core:json",
    format: "json",
    location: `artifacts/${name}/01JD0000000000000000${String(version).padStart(6, "0")}`,
    uri: `file:///home/ada/project/.tenon/artifacts/${name}/01JD0000000000000000${String(version).padStart(6, "0")}`,
    size: 1234,
    digest,
    metadata: { accuracy: version / perName },
    tags: [],
    visualizations: [],
  };
}

async function fill(ledger) {
  const names = Array.from({ length: versions / perName }, (_, index) => `pipeline.step_${index}.output`);
  const now = new Date().toISOString();
  for (let round = 1; round <= perName; round++) {
    const runId = `01JD${String(round).padStart(22, "0")}`;
    const result = await ledger.commitStep({
      step: {
        runId,
        stepId: "all",
        status: "succeeded",
        attempt: 1,
        started: now,
        ended: now,
        durationMs: 1,
        inputs: {},
        metadata: {},
      },
      attemptEnd: { outcome: "committed", ended: now, durationMs: 1 },
      artifacts: Object.fromEntries(names.map((name) => [name, artifact(name, round)])),
    });
    if (!result.committed) throw new Error(`round ${round} is not committed`);
  }
  return names;
}

try {
  const rates = [
    ["Tenon on @keyv/sqlite", "process crash", ...(await tenonRates("rates", {}))],
    ["Tenon on @keyv/sqlite", "loss of power", ...(await tenonRates("power", { durability: "power" }))],
  ];
  try {
    rates.push(["bare better-sqlite3", "process crash", ...(await bareRates("NORMAL"))]);
    rates.push(["bare better-sqlite3", "loss of power", ...(await bareRates("FULL"))]);
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error("better-sqlite3 is not installed: npm run bench installs it");
  }

  const store = await open("million");
  const started = performance.now();
  const names = await fill(await openLedger(store, { project: "bench" }));
  const fillSeconds = (performance.now() - started) / 1000;
  await store.dispose();
  const bytes = statSync(join(scratch, "million/metadata.sqlite")).size;

  const again = await open("million");
  const ledger = await openLedger(again, { project: "bench" });
  const some = (index) => names[(index * 7919) % names.length];
  const reads = {
    "latest version of an artifact": await timed(500, (n) => ledger.latestArtifact(some(n))),
    "a page of 50 of its versions": await timed(500, (n) => ledger.artifactVersions(some(n), { before: 500 })),
    "a page of 50 artifact names": await timed(500, (n) => ledger.artifactNames({ after: some(n) })),
    "50 artifacts by id": await timed(500, (n) =>
      ledger.artifacts(Array.from({ length: 50 }, (_, place) => `${some(n + place)}@${(n % perName) + 1}`)),
    ),
  };
  await again.dispose();

  report(
    "Metadata",
    `${table([
      ["inserts and reads a second", "survives", "1 record", "6 records at once", "1 record, 100 in flight", "get"],
      ...rates.map(([name, survives, ...each]) => [name, survives, ...each.map(Math.round)]),
    ])}

Awaited one by one where nothing else is said; rates of median times.

${table([
  [`of ${versions.toLocaleString("en")} artifact versions`, "median ms", "99th percentile ms", "first ms"],
  ...Object.entries(reads).map(([name, times]) => [name, median(times), percentile(times, 0.99), times[0]]),
])}

Target: 5 ms. The ledger had written them in ${fillSeconds.toFixed(0)} s, 1,000 a commit: ${Math.round(versions / fillSeconds).toLocaleString("en")} a second, ${Math.round(bytes / 2 ** 20)} MiB in all.`,
  );
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
