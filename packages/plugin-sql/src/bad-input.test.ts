import { readFile } from "node:fs/promises";
import { inspect } from "node:util";
import type { MetadataStore } from "@tenon/core";
import { available, type DatabaseServer, freePort } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ServerOptions } from "./server-options.js";
import { type Flavor, flavors, freshOptions } from "./testing/flavors.js";

describe.each(flavors)("the metadata store $flavor", (flavor) => {
  describe.skipIf(!available(flavor.server))(`on ${flavor.server.name}`, () => badInput(flavor));
});

function badInput({ flavor, server: kind, open }: Flavor) {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await kind.start();
  });
  afterAll(() => server.destroy());

  /** What opening comes to, or what is done with what was opened. */
  const outcome = async (more: Partial<ServerOptions>, use?: (store: MetadataStore) => Promise<unknown>) => {
    const options = { ...freshOptions(server), patience: 300, ...more };
    let store: MetadataStore | undefined;
    try {
      store = await open(options);
      await use?.(store);
    } catch (error) {
      const shown = inspect(error, { depth: 8, showHidden: true }) + JSON.stringify(error);
      for (const secret of ["tenon-password", "another-password"]) expect(shown).not.toContain(secret);
      return error;
    } finally {
      await store?.dispose?.();
    }
    return undefined;
  };
  const fault = (code: string, found: string) => ({
    code,
    doing: "opening the metadata store",
    found: expect.stringContaining(found),
    fix: expect.stringMatching(/\.$/),
  });

  test("a host that nobody knows", async () => {
    expect(await outcome({ host: "no-such-host.invalid" })).toMatchObject(
      fault("STORE_UNAVAILABLE", "no-such-host.invalid"),
    );
  });

  test("a server that is down", async () => {
    const port = await freePort();
    const error = await outcome({ port });
    expect(error).toMatchObject(fault("STORE_UNAVAILABLE", `127.0.0.1:${port}`));
    expect(error).toMatchObject({ found: expect.stringContaining("not running") });
  });

  test("a wrong password", async () => {
    const error = await outcome({ password: "another-password" });
    expect(error).toMatchObject(fault("STORE_SIGN_IN_FAILED", "user 'tenon'"));
  });

  test("no password", async () => {
    expect(await outcome({ password: undefined })).toMatchObject({ code: "STORE_SIGN_IN_FAILED" });
  });

  test("a password that cannot be had", async () => {
    const password = () => Promise.reject(new Error("the token service is closed"));
    const error = await outcome({ password });
    expect(error).toMatchObject({ message: expect.stringContaining("the token service is closed") });
  });

  test("a user that is not there", async () => {
    expect(await outcome({ user: "nobody" })).toMatchObject(fault("STORE_SIGN_IN_FAILED", "user 'nobody'"));
  });

  test("a database that is not there", async () => {
    const error = await outcome({ database: "missing" });
    // MariaDB does not tell those who may not see it whether it is there.
    const code = flavor === "mysql" ? "STORE_DENIED" : "STORE_MISSING";
    expect(error).toMatchObject(fault(code, "database 'missing'"));
  });

  test("a user without the right to make the table, and one that may only read it", async () => {
    const table = "rights";
    const make = {
      mysql:
        "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'tenon-password'; GRANT SELECT ON tenon.other TO reader@'127.0.0.1'",
      postgres: "CREATE USER reader PASSWORD 'tenon-password'",
    };
    if (flavor === "mysql") await server.sql("CREATE TABLE other (a INT)");
    await server.sql(make[flavor]);
    const denied = {
      code: "STORE_DENIED",
      found: expect.stringContaining(table),
      fix: expect.stringContaining("SELECT"),
    };
    expect(await outcome({ user: "reader", table })).toMatchObject(denied);
    await (await open({ ...freshOptions(server), table })).dispose?.();
    await server.sql(
      flavor === "mysql"
        ? `GRANT SELECT ON tenon.${table} TO reader@'127.0.0.1'`
        : `GRANT SELECT ON ${table} TO reader`,
    );
    const write = (store: MetadataStore) => store.put([{ key: "a", value: "1" }]);
    expect(await outcome({ user: "reader", table }, write)).toMatchObject(denied);
    expect(await outcome({ user: "reader", table }, (store) => store.get("a"))).toBeUndefined();
  });

  test("once the table is there, no right is needed but to its rows", async () => {
    const table = "least";
    await (await open({ ...freshOptions(server), table })).dispose?.();
    const rights = "SELECT, INSERT, UPDATE, DELETE";
    await server.sql(
      flavor === "mysql"
        ? `CREATE USER worker@'127.0.0.1' IDENTIFIED BY 'tenon-password'; GRANT ${rights} ON tenon.${table} TO worker@'127.0.0.1'`
        : `CREATE USER worker PASSWORD 'tenon-password'; GRANT ${rights} ON ${table} TO worker`,
    );
    const all = async (store: MetadataStore) => {
      await store.put([{ key: "a", value: "1" }]);
      await store.put([{ key: "a", value: "2" }]);
      expect(await store.insert([{ key: "a", value: "3" }])).toEqual({ inserted: false, existing: ["a"] });
      expect(await store.scan("")).toEqual([{ key: "a", value: "2" }]);
      await store.delete(["a"]);
    };
    expect(await outcome({ user: "worker", table }, all)).toBeUndefined();
  });

  test("a table that a newer version made, and one that somebody else made", async () => {
    const comment = (table: string, text: string) =>
      flavor === "mysql" ? `ALTER TABLE ${table} COMMENT = '${text}'` : `COMMENT ON TABLE ${table} IS '${text}'`;
    await (await open({ ...freshOptions(server), table: "newer" })).dispose?.();
    await server.sql(comment("newer", "Tenon metadata, table version 2"));
    expect(await outcome({ table: "newer" })).toMatchObject(fault("STORE_TOO_NEW", "version 2"));
    await server.sql("CREATE TABLE accounts (id INT)");
    expect(await outcome({ table: "accounts" })).toMatchObject(fault("STORE_NOT_A_DATABASE", "accounts"));
  });

  test("a table that is dropped while it is in use", async () => {
    const options = freshOptions(server);
    const dropped = async (store: MetadataStore) => {
      await store.put([{ key: "a", value: "1" }]);
      await server.sql(`DROP TABLE ${options.table}`);
      await store.put([{ key: "b", value: "1" }]);
    };
    expect(await outcome(options, dropped)).toMatchObject({ code: "STORE_VANISHED" });
  });

  test("a server that takes no writes", async () => {
    const options = freshOptions(server);
    const readOnly = async (store: MetadataStore) => {
      await server.sql(
        flavor === "mysql" ? "SET GLOBAL read_only = 1" : "ALTER USER tenon SET default_transaction_read_only = on",
      );
      if (flavor === "postgres")
        await server.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'tenon'");
      await store.put([{ key: "b", value: "1" }]);
    };
    try {
      expect(await outcome(options, readOnly)).toMatchObject({ code: "STORE_READ_ONLY" });
    } finally {
      await server.sql(
        flavor === "mysql" ? "SET GLOBAL read_only = 0" : "ALTER USER tenon RESET default_transaction_read_only",
      );
    }
  });

  test("more connections than the server has", async () => {
    const limit = (most: number) =>
      flavor === "mysql"
        ? ["127.0.0.1", "localhost"].map(
            (host) => `GRANT USAGE ON *.* TO tenon@'${host}' WITH MAX_USER_CONNECTIONS ${most}`,
          )
        : [`ALTER USER tenon CONNECTION LIMIT ${most || -1}`];
    await server.sql(limit(1).join("; "));
    try {
      const options = freshOptions(server);
      const first = await open(options);
      expect(await outcome(options)).toMatchObject(fault("STORE_UNAVAILABLE", "no connection left"));
      // One that has the patience gets its turn.
      const second = open({ ...options, patience: 60_000 });
      await first.dispose?.();
      await (await second).dispose?.();
    } finally {
      await server.sql(limit(0).join("; "));
    }
  });

  test("TLS is used and verified where it is asked for, and its failures say so", async () => {
    const ca = await readFile(server.ca, "utf8");
    const encrypted = async (store: MetadataStore) => store.put([{ key: "a", value: "1" }]);
    expect(await outcome({ host: "localhost", tls: { ca } }, encrypted)).toBeUndefined();
    expect(await outcome({ tls: { ca, serverName: "localhost" } }, encrypted)).toBeUndefined();
    expect(await outcome({ host: "localhost", tls: { verify: false } }, encrypted)).toBeUndefined();
    const untrusted = { ...fault("STORE_UNAVAILABLE", "TLS"), fix: expect.stringContaining("ca") };
    expect(await outcome({ host: "localhost", tls: {} })).toMatchObject(untrusted);
    expect(await outcome({ tls: { ca, serverName: "other.example" } })).toMatchObject(untrusted);
    const byAddress = await outcome({ tls: { ca } });
    if (flavor === "mysql") expect(byAddress).toMatchObject(fault("COMPONENT_CONFIG_INVALID", "address"));
    else expect(byAddress).toMatchObject(untrusted);
  });

  test("a server without TLS where TLS is asked for", async () => {
    await server.stop();
    await server.start(flavor === "mysql" ? ["--skip-ssl"] : ["-c", "ssl=off"]);
    const error = await outcome({ host: "localhost", tls: {} });
    expect(error).toMatchObject(fault("STORE_UNAVAILABLE", "does not speak TLS"));
  });
}
