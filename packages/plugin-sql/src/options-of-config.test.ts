import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "@tenon/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ServerKind, serverOptions } from "./options-of-config.js";
import { mysqlConfig, postgresConfig, type ServerConfig } from "./server-config.js";

const kind: ServerKind = { flavor: "mysql", protocols: ["mysql", "mariadb"], port: 3306 };
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "tenon-sql-"));
});
afterAll(() => rm(root, { recursive: true }));

const read = (config: ServerConfig, secrets: Readonly<Record<string, string>> = {}) =>
  serverOptions(
    {
      config,
      project: { name: "p", root, stateDirectory: join(root, ".tenon") },
      resolveSecret: async ({ name }) => secrets[name] ?? "",
    },
    kind,
  );

describe("the address of a server", () => {
  test("is said field by field, or as a URI", async () => {
    const address = { host: "db.example.com", port: 3307, database: "ml", user: "a user" };
    expect(await read(address)).toMatchObject(address);
    expect(await read({ uri: "mariadb://a%20user@db.example.com:3307/ml" })).toMatchObject(address);
    expect(await read({ uri: "mysql://u@[::1]/ml" })).toMatchObject({ host: "::1", port: 3306 });
  });

  test("has the usual host and port if none is said, and no default for database and user", async () => {
    expect(await read({ database: "ml", user: "u" })).toMatchObject({ host: "localhost", port: 3306 });
    await expect(read({ user: "u" })).rejects.toMatchObject({ found: "no database is named" });
    await expect(read({ database: "ml" })).rejects.toMatchObject({ found: "no user is named" });
  });

  test("cannot be said in both ways", async () => {
    const config = { uri: "mysql://u@h/d", user: "v" };
    await expect(read(config)).rejects.toMatchObject({ code: "COMPONENT_CONFIG_INVALID", fix: expect.any(String) });
  });

  test.each(["mysql://u:hidden@h/d", "postgres://hidden@h/d", "hidden", "mysql://u@h/d?password=hidden"])(
    "as %s is refused, and what it hides is not repeated",
    async (uri) => {
      const error = await read({ uri }).catch((error: Error) => error);
      expect(error).toMatchObject({ code: expect.stringMatching(/^(?:SECRET_INVALID|COMPONENT_CONFIG_INVALID)$/) });
      expect((error as Error).message).not.toContain("hidden");
    },
  );
});

describe("secrets and certificates", () => {
  const server = { database: "ml", user: "u" };

  test("a password is a reference, looked up for each connection", async () => {
    for (const schema of [mysqlConfig, postgresConfig]) {
      expect(schema.safeParse({ ...server, password: "hidden" }).success).toBe(false);
      expect(schema.safeParse({ ...server, password: env("P") }).success).toBe(true);
    }
    const secrets = { P: "first" };
    const { password } = await read({ ...server, password: env("P") }, secrets);
    const ask = password as () => Promise<string>;
    expect(await ask()).toBe("first");
    secrets.P = "second";
    expect(await ask()).toBe("second");
  });

  test("TLS is on, but for this machine itself, unless it is said otherwise", async () => {
    expect((await read({ ...server, host: "db" })).tls).toEqual({});
    expect((await read({ ...server, host: "db", tls: false })).tls).toBeUndefined();
    for (const host of ["localhost", "127.0.0.1", "::1"]) {
      expect((await read({ ...server, host })).tls).toBeUndefined();
      expect((await read({ ...server, host, tls: true })).tls).toEqual({});
    }
  });

  test("a certificate is a file below the project, and one that cannot be read is named", async () => {
    await writeFile(join(root, "ca.pem"), "PEM");
    expect((await read({ ...server, tls: { ca: "ca.pem" } })).tls).toMatchObject({ ca: "PEM" });
    await expect(read({ ...server, tls: { ca: "none.pem" } })).rejects.toMatchObject({
      code: "COMPONENT_CONFIG_INVALID",
      found: expect.stringContaining("none.pem"),
    });
  });

  test("names of tables that would need quotes are refused", () => {
    for (const table of ["Records", "a-b", "a`b", 'a"; DROP', "", "x".repeat(60)]) {
      expect(mysqlConfig.safeParse({ ...server, table }).success, table).toBe(false);
      expect(postgresConfig.safeParse({ ...server, schema: table }).success, table).toBe(false);
    }
  });
});
