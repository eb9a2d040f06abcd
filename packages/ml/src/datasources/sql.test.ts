import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "@tenon/core";
import { available, type DatabaseServer, mariaDb, postgreSql } from "@tenon-test/servers";
import sqlite from "sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, sql } from "./sql.js";

const values = "(1, 'Ada', 3.5), (2, 'Bob', NULL)";
const expected = [
  { id: 1, name: "Ada", mass: 3.5 },
  { id: 2, name: "Bob", mass: null },
];

describe("SQLite", () => {
  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "tenon-sql-"));
    const database = new sqlite.Database(join(directory, "birds.sqlite"));
    const statements = `CREATE TABLE birds (id INTEGER, name TEXT, mass REAL); INSERT INTO birds VALUES ${values};`;
    await new Promise<void>((done, fail) => database.exec(statements, (error) => (error ? fail(error) : done())));
    await new Promise<void>((done) => database.close(() => done()));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const birds: Database = { dialect: "sqlite", file: "birds.sqlite" };

  test("gives the rows of a query, with parameters", async () => {
    expect(await sql("SELECT * FROM birds ORDER BY id", birds).read({ directory })).toEqual(expected);
    expect(await sql("SELECT name FROM birds WHERE id > ?", birds, [1]).read({ directory })).toEqual([{ name: "Bob" }]);
  });

  test("says what is wrong with a query or a file, and writes nothing", async () => {
    const unreadable = { code: "DATA_UNREADABLE" };
    await expect(sql("SELECT * FROM birs", birds).read({ directory })).rejects.toMatchObject(unreadable);
    await expect(sql("DELETE FROM birds", birds).read({ directory })).rejects.toMatchObject(unreadable);
    await expect(sql("SELECT 1", { dialect: "sqlite", file: "none.sqlite" }).read({ directory })).rejects.toMatchObject(
      unreadable,
    );
  });

  test("gives great integers as their text, with all their digits", async () => {
    const query = `SELECT column1 AS "a ""b", column2 AS x, column3 AS y FROM
      (VALUES (9007199254740993, 1e300, 3), (-9223372036854775808, 0.5, 1), (2, NULL, 2)) ORDER BY y -- so`;
    expect(await sql(query, birds).read({ directory })).toEqual([
      { 'a "b': "-9223372036854775808", x: 0.5, y: 1 },
      { 'a "b': "2", x: null, y: 2 },
      { 'a "b': "9007199254740993", x: 1e300, y: 3 },
    ]);
    const chosen = sql("SELECT ? + 9007199254740990 AS id;", birds, [3]);
    expect(await chosen.read({ directory })).toEqual([{ id: "9007199254740993" }]);
  });

  test("ends a query that is cancelled, and throws why", async () => {
    const endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n";
    const cancelling = new AbortController();
    const reading = sql(endless, birds).read({ directory, signal: cancelling.signal });
    setTimeout(() => cancelling.abort(new Error("enough")), 100);
    await expect(reading).rejects.toThrow("enough");
  });
});

test("a query without words, or to a database of another dialect, is refused where it is written", () => {
  const refused = (found: string) =>
    expect.objectContaining({ code: "PARAMETER_INVALID", message: expect.stringContaining(found) });
  expect(() => sql(" ", { dialect: "sqlite", file: "a" })).toThrow(refused("it is empty"));
  expect(() => sql("SELECT 1", { dialect: "sqllite", file: "a" } as never)).toThrow(refused("Did you mean 'sqlite'?"));
  expect(() => sql("SELECT 1", undefined as never)).toThrow(refused("there are mysql, postgres, sqlite"));
});

test("a PostgreSQL server that is gone in the middle of a query is an error, and nothing that ends the process", async () => {
  const [authenticationOk, readyForQuery] = [
    [82, 0, 0, 0, 8, 0, 0, 0, 0],
    [90, 0, 0, 0, 5, 73],
  ];
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Uint8Array.from([...authenticationOk, ...readyForQuery]));
      socket.once("data", () => socket.destroy());
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const database = { dialect: "postgres", host: "127.0.0.1", port, database: "birds", user: "reader" } as const;
  await expect(sql("SELECT 1", database).read({ directory: "." })).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
  server.close();
});

const kinds = [
  { dialect: "mysql" as const, kind: mariaDb, placeholder: "?" },
  { dialect: "postgres" as const, kind: postgreSql, placeholder: "$1" },
];
for (const { dialect, kind, placeholder } of kinds) {
  describe.runIf(available(kind))(kind.name, () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await kind.start();
      await server.sql(
        `CREATE TABLE birds (id BIGINT, name VARCHAR(20), mass DOUBLE PRECISION); INSERT INTO birds VALUES ${values}`,
      );
      if (dialect === "postgres") await server.sql(`GRANT SELECT ON birds TO ${server.user}`);
      process.env.TENON_TEST_DATASOURCE = server.password;
    });
    afterAll(async () => {
      delete process.env.TENON_TEST_DATASOURCE;
      await server?.destroy();
    });
    const database = (more: object = {}): Database => ({
      dialect,
      host: "localhost",
      port: server.port,
      database: server.database,
      user: server.user,
      password: env("TENON_TEST_DATASOURCE"),
      tls: { ca: readFileSync(server.ca, "utf8") },
      ...more,
    });
    const directory = tmpdir();

    test("gives the rows of a query, with parameters", async () => {
      expect(await sql("SELECT * FROM birds ORDER BY id", database()).read({ directory })).toEqual(expected);
      const some = sql(`SELECT name FROM birds WHERE id > ${placeholder}`, database(), [1]);
      expect(await some.read({ directory })).toEqual([{ name: "Bob" }]);
      expect(some.description).not.toContain(server.password);
    });

    test("has a time without a zone in UTC, whatever the machine's zone", async () => {
      const query = `SELECT CAST('2024-07-01 10:00:00.5' AS ${dialect === "mysql" ? "DATETIME(3)" : "TIMESTAMP"}) AS at`;
      const zone = process.env.TZ;
      process.env.TZ = "America/New_York";
      try {
        expect(await sql(query, database()).read({ directory })).toEqual([{ at: "2024-07-01T10:00:00.500Z" }]);
      } finally {
        if (zone === undefined) delete process.env.TZ;
        else process.env.TZ = zone;
      }
    });

    test("does not drop one of two columns of one name, and asks for rows", async () => {
      const unreadable = (found: string) => ({ code: "DATA_UNREADABLE", message: expect.stringContaining(found) });
      await expect(sql("SELECT id, name AS id FROM birds", database()).read({ directory })).rejects.toMatchObject(
        unreadable("two of its columns are called 'id'"),
      );
      await expect(sql("SET NAMES 'utf8'", database()).read({ directory })).rejects.toMatchObject(
        unreadable("it gives no rows"),
      );
    });

    test("says what is wrong, and never the password", async () => {
      const wrong = sql("SELECT * FROM birs", database()).read({ directory });
      await expect(wrong).rejects.toMatchObject({ code: "DATA_UNREADABLE", message: expect.stringContaining("birs") });
      const unset = sql("SELECT 1", database({ password: env("TENON_TEST_UNSET") })).read({ directory });
      await expect(unset).rejects.toMatchObject({ code: "SECRET_MISSING" });
      expect(() => sql("SELECT 1", database({ password: "hunter2" }))).toThrow(
        expect.objectContaining({ code: "SECRET_INVALID" }),
      );
      expect(() => sql("SELECT 1", database({ password: "hunter2" }))).not.toThrow("hunter2");
    });
  });
}
