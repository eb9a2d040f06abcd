import { resolve } from "node:path";
import { type SecretReference, TenonError } from "@tenon/core";
import type { Rows } from "../vocabulary/row.js";
import { pathOf } from "./files.js";
import { optional } from "./optional-package.js";
import { evenIntegers, plainRow } from "./plain-value.js";
import type { ReadOptions } from "./row-source.js";
import type { Database, FileDatabase, ServerDatabase } from "./sql.js";

type Parameters = readonly (string | number | boolean | null)[];
type Records = readonly Readonly<Record<string, unknown>>[];

export async function runQuery(
  query: string,
  database: Database,
  parameters: Parameters,
  options: ReadOptions,
): Promise<Rows> {
  options.signal?.throwIfAborted();
  try {
    const records = await ask(query, database, parameters, options);
    return evenIntegers(records.map((record, index) => plainRow(record, index, "the query's result")));
  } catch (cause) {
    if (TenonError.is(cause)) throw cause;
    options.signal?.throwIfAborted();
    throw new TenonError("DATA_UNREADABLE", {
      doing: `asking ${database.dialect === "sqlite" ? database.file : `${database.dialect} at ${database.host}`} for rows`,
      found: (cause instanceof Error
        ? cause.message || String((cause as { code?: unknown }).code)
        : String(cause)
      ).replace(/\.$/, ""),
      fix: "Look at the address, the user's rights, and the query.",
      cause,
    });
  }
}

function ask(query: string, database: Database, parameters: Parameters, options: ReadOptions): Promise<Records> {
  switch (database.dialect) {
    case "sqlite":
      return askSqlite(query, database, parameters, options);
    case "mysql":
      return askMysql(query, database, parameters);
    case "postgres":
      return askPostgres(query, database, parameters);
  }
}

async function askMysql(query: string, database: ServerDatabase, parameters: Parameters): Promise<Records> {
  const { createConnection } = await optional("mysql2", () => import("mysql2/promise"), "asking MySQL for rows");
  const connection = await createConnection({ ...connectionTo(database), supportBigNumbers: true, timezone: "Z" });
  try {
    const [records, fields] = await connection.query(query, [...parameters]);
    return namedOnce(records, fields);
  } finally {
    await connection.end();
  }
}

async function askPostgres(query: string, database: ServerDatabase, parameters: Parameters): Promise<Records> {
  const { default: pg } = await optional("pg", () => import("pg"), "asking PostgreSQL for rows");
  const client = new pg.Client(connectionTo(database));
  // A connection that is lost fails its query, and says so once more to whoever listens: to nobody, it would end the process.
  client.on("error", () => {});
  await client.connect();
  try {
    // Integers of 64 bits come as text, since not all of them are numbers; a date is text already, not the midnight of a zone;
    // a time without a zone is in UTC, not in the machine's.
    client.setTypeParser(20, (text) => (Number.isSafeInteger(Number(text)) ? Number(text) : text));
    client.setTypeParser(1082, (text) => text);
    const withZone = pg.types.getTypeParser(1184);
    client.setTypeParser(1114, (text) => withZone(text.replace(/\d(?= BC$|$)/, "$&+00")));
    const { rows, fields } = await client.query(query, [...parameters]);
    return namedOnce(rows, fields);
  } finally {
    await client.end();
  }
}

/** Of two columns of one name a record would hold one. */
function namedOnce(records: unknown, fields: readonly { readonly name: string }[] | undefined): Records {
  if (!Array.isArray(records) || !fields || fields.length === 0) throw new Error("it gives no rows: it is no SELECT");
  const names = fields.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return records;
  throw new TenonError("DATA_UNREADABLE", {
    doing: "reading what a query gives",
    found: `two of its columns are called '${twice}'`,
    fix: "Name one of them: SELECT a.id, b.id AS other.",
    details: { column: twice },
  });
}

async function askSqlite(
  query: string,
  { file }: FileDatabase,
  parameters: Parameters,
  { directory, signal }: ReadOptions,
): Promise<Records> {
  const { default: sqlite } = await optional("sqlite3", () => import("sqlite3"), "asking SQLite for rows");
  const path = file instanceof URL ? pathOf(file) : resolve(directory, file);
  const database = await new Promise<InstanceType<typeof sqlite.Database>>((done, fail) => {
    const opened = new sqlite.Database(path, sqlite.OPEN_READONLY, (error) => (error ? fail(error) : done(opened)));
  });
  const stop = () => database.interrupt();
  signal?.addEventListener("abort", stop);
  try {
    const all = (text: string) =>
      new Promise<Records>((done, fail) => {
        database.all(text, [...parameters], (error, records) => (error ? fail(error) : done(records as Records)));
      });
    const records = await all(query);
    const rounded = roundedColumns(records);
    return rounded.length === 0 ? records : await all(exactly(query, rounded));
  } finally {
    signal?.removeEventListener("abort", stop);
    await new Promise<void>((done) => database.close(() => done()));
  }
}

/** The driver gives integers as numbers, so that those beyond 2^53 have lost digits. */
function roundedColumns(records: Records): readonly string[] {
  const names = new Set<string>();
  for (const record of records) {
    for (const [name, value] of Object.entries(record)) {
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) names.add(name);
    }
  }
  return [...names];
}

/** The same rows in the same order, but great integers of these columns as text: of two columns of one name the last counts. */
function exactly(query: string, columns: readonly string[]): string {
  const texts = columns.map((name) => {
    const column = `"${name.replaceAll('"', '""')}"`;
    const great = `typeof(${column}) = 'integer' AND ${column} NOT BETWEEN ${Number.MIN_SAFE_INTEGER} AND ${Number.MAX_SAFE_INTEGER}`;
    return `CASE WHEN ${great} THEN CAST(${column} AS TEXT) ELSE ${column} END AS ${column}`;
  });
  return `SELECT *, ${texts.join(", ")} FROM (${query.replace(/;\s*$/, "")}\n)`;
}

function connectionTo({ host, port, user, database, password, tls }: ServerDatabase) {
  return {
    host,
    user,
    database,
    ...(port !== undefined && { port }),
    ...passwordOf(password),
    ...encryption(host, tls),
  };
}

function encryption(host: string, tls: ServerDatabase["tls"] = !/^(?:localhost|127\.|\[?::1)/.test(host)) {
  if (tls === false) return {};
  return { ssl: tls === true ? { rejectUnauthorized: true } : { ca: tls.ca, rejectUnauthorized: true } };
}

/** @throws `SECRET_MISSING`, which names the reference and never a value */
function passwordOf(reference: SecretReference | undefined): { readonly password?: string } {
  if (reference === undefined) return {};
  const { source, name } = reference;
  const password = source === "env" ? process.env[name] : undefined;
  if (password !== undefined) return { password };
  throw new TenonError("SECRET_MISSING", {
    doing: "reading the password of a database",
    found:
      source === "env"
        ? `the environment variable ${name} is not set`
        : `a datasource cannot read secrets from '${source}'`,
    fix:
      source === "env" ? `Set ${name} where the datasource is read.` : 'Refer to an environment variable: env("NAME").',
    details: { source, name },
  });
}
