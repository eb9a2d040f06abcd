// The least that a chain with a recorded artifact a step can cost in one Node process: a SHA-256 key, a look-up, a file,
// one SQLite transaction (WAL, synchronous=NORMAL). Usage: floor.mjs <directory> <steps> [fan]
import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

const [directory, steps, shape] = [process.argv[2], Number(process.argv[3]), process.argv[4]];
mkdirSync(join(directory, "artifacts"), { recursive: true });
const database = new Database(join(directory, "metadata.sqlite"));
database.pragma("journal_mode = WAL");
database.pragma("synchronous = NORMAL");
database.exec("CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT)");
const find = database.prepare("SELECT value FROM records WHERE key = ?");
const add = database.prepare("INSERT OR REPLACE INTO records VALUES (?, ?)");
const commit = database.transaction((records) => {
  for (const [key, value] of records) add.run(key, value);
});
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

let hits = 0;
function step(index, run, input) {
  const key = sha256(JSON.stringify(["next", index, input.digest]));
  const cached = find.get(`cache/${key}`);
  if (cached) {
    hits++;
    return JSON.parse(cached.value);
  }
  const bytes = JSON.stringify(run(input.value));
  const digest = sha256(bytes);
  const file = join(directory, "artifacts", `${index}.json`);
  writeFileSync(`${file}.part`, bytes);
  renameSync(`${file}.part`, file);
  const output = { digest, value: JSON.parse(bytes) };
  commit([
    [`cache/${key}`, JSON.stringify(output)],
    [`artifact/${index}`, JSON.stringify({ digest, file, size: bytes.length })],
    [`step/${index}`, JSON.stringify({ status: "succeeded", key })],
  ]);
  return output;
}

let value = { digest: "start", value: { n: 0 } };
const started = performance.now();
if (shape === "fan") {
  const source = step(0, ({ n }) => ({ n: n + 1 }), value);
  const all = Array.from({ length: steps }, (_, i) => step(i + 1, ({ n }) => ({ n: n + i }), source));
  value = step(steps + 1, (list) => ({ n: list.length }), {
    digest: sha256(all.map((one) => one.digest).join()),
    value: all,
  });
} else {
  for (let index = 0; index < steps; index++) value = step(index, ({ n }) => ({ n: n + 1 }), value);
}
console.log(JSON.stringify({ innerMs: performance.now() - started, n: value.value.n, hits }));
