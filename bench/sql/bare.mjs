// The statements of a chain of steps by the bare driver alone, one after the other on one connection.
// Usage: bare.mjs <mysql|postgres> <address as JSON> <steps> <reads a step> <writes a step> <records a write>
import { createRequire } from "node:module";

const require = createRequire(new URL("../../packages/plugin-sql/package.json", import.meta.url));
const [flavor, address, ...numbers] = process.argv.slice(2);
const [steps, reads, writes, records] = numbers.map(Number);
const options = JSON.parse(address);
const text = JSON.stringify({ text: "x".repeat(400) });
const table = "bare_records";

const { execute, end } = flavor === "mysql" ? await mysql() : await postgres();
await execute(`DROP TABLE IF EXISTS ${table}`);
await execute(
  flavor === "mysql"
    ? `CREATE TABLE ${table} (id VARBINARY(250) PRIMARY KEY, value LONGTEXT NOT NULL) ENGINE = InnoDB`
    : `CREATE TABLE ${table} (id text COLLATE "C" PRIMARY KEY, value text NOT NULL)`,
);
const placeholders = (count, width) =>
  Array.from({ length: count }, (_, row) => {
    const places = Array.from({ length: width }, (_, place) =>
      flavor === "mysql" ? "?" : `$${row * width + place + 1}`,
    );
    return `(${places.join(", ")})`;
  }).join(", ");
const insert = `INSERT INTO ${table} VALUES ${placeholders(records, 2)}`;
const select = `SELECT value FROM ${table} WHERE id IN ${placeholders(1, 3)}`;

const started = performance.now();
for (let step = 0; step < steps; step++) {
  for (let read = 0; read < Math.round((step + 1) * reads) - Math.round(step * reads); read++) {
    await execute(select, [`k/${step - 1}/0/0`, `k/${step - 1}/0/1`, "none"]);
  }
  for (let write = 0; write < Math.round((step + 1) * writes) - Math.round(step * writes); write++) {
    await execute(insert, Array.from({ length: records }, (_, index) => [`k/${step}/${write}/${index}`, text]).flat());
  }
}
console.log(JSON.stringify({ innerMs: performance.now() - started }));
await end();

async function mysql() {
  const connection = await require("mysql2/promise").createConnection(options);
  return { execute: (sql, values) => connection.query(sql, values), end: () => connection.end() };
}

async function postgres() {
  const client = new (require("pg").Client)(options);
  await client.connect();
  return { execute: (sql, values) => client.query(sql, values), end: () => client.end() };
}
