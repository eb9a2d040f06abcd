// Google's connector and IAM need the real service: here a stand-in leads to a local server.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { testMetadataStore } from "@tenon/core/testing";
import { available, type DatabaseServer, mariaDb, postgreSql } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { CloudSqlConfig } from "./cloud-sql-config.js";
import { connectError } from "./cloud-sql-connector.js";
import { openCloudSql } from "./cloud-sql-metadata-store.js";

const instance = "project:europe-west1:db";
const secret = { kind: "secret", source: "env", name: "PASSWORD" } as const;

function contextOf(config: CloudSqlConfig, password = "") {
  return { config, project: { name: "p", root: "/", stateDirectory: "/" }, resolveSecret: async () => password };
}

describe.each([
  { engine: "mysql", kind: mariaDb },
  { engine: "postgres", kind: postgreSql },
] as const)("cloud-sql for $engine", ({ engine, kind }) => {
  describe.skipIf(!available(kind))(`on ${kind.name}`, () => {
    let server: DatabaseServer;
    let tables = 0;
    beforeAll(async () => {
      server = await kind.start();
    });
    afterAll(() => server?.destroy());

    const connectTo = (log: unknown[]) => async (request: unknown) => {
      log.push(request);
      return {
        stream() {
          const socket = connect(server.port, server.host);
          // Already on its way: what a driver asks for beyond that is nothing.
          socket.connect = () => socket;
          return socket;
        },
        close: () => log.push("closed"),
      };
    };
    const configOf = (more: Partial<CloudSqlConfig>): CloudSqlConfig => {
      tables += 1;
      const { database, user } = server;
      return { engine, database, user, table: `cloud_${tables}`, ...more };
    };

    testMetadataStore({
      test,
      prefix: "through a connector",
      skip: {
        "of inserts by several processes exactly one succeeds":
          "the stand-in for the connector is of this process; the store behind it is tried so in plugin-sql",
      },
      create: async () => {
        const context = contextOf(configOf({ instance, password: secret }), server.password);
        return {
          store: await openCloudSql(context, connectTo([])),
          openAgain: () => openCloudSql(context, connectTo([])),
        };
      },
    });

    test("a plain host is reached with a password, and a wrong one is refused without being shown", async () => {
      const config = configOf({ host: server.host, port: server.port, password: secret });
      const store = await openCloudSql(contextOf(config, server.password));
      await store.put([{ key: "a", value: "1" }]);
      assert.equal(await store.get("a"), "1");
      await store.dispose?.();
      const error = await openCloudSql(contextOf(config, "s3cr3t")).then(
        () => assert.fail("it opens"),
        (reason) => reason,
      );
      assert.equal(error.code, "STORE_SIGN_IN_FAILED");
      assert.ok(!JSON.stringify([error.message, error.stack, error.details]).includes("s3cr3t"));
    });

    test("the connector is asked for IAM where there is no password, and closed with the store or if it does not open", async () => {
      const log: unknown[] = [];
      const store = await openCloudSql(
        contextOf(configOf({ instance, password: secret, address: "psc" }), server.password),
        connectTo(log),
      );
      await store.dispose?.();
      assert.deepEqual(log, [{ instance, address: "psc", iam: false }, "closed"]);
      await assert.rejects(openCloudSql(contextOf(configOf({ instance, user: "nobody" })), connectTo(log)), {
        code: "STORE_SIGN_IN_FAILED",
      });
      assert.deepEqual(log.slice(2), [{ instance, address: "public", iam: true }, "closed"]);
    });
  });
});

test("an instance or a host has to be named, and a host wants a password", async () => {
  const base = { engine: "mysql", database: "d", user: "u" } as const;
  for (const more of [{}, { instance, host: "h" }, { host: "h" }, { host: "h", password: secret, ca: "none.pem" }]) {
    await assert.rejects(openCloudSql(contextOf({ ...base, ...more })), { code: "COMPONENT_CONFIG_INVALID" });
  }
});

test("what the connector reports gets a coded error with advice", () => {
  const cases: readonly [object, string][] = [
    [{ message: "Request had insufficient permissions", code: 403 }, "STORE_DENIED"],
    [{ message: "The Cloud SQL instance does not exist.", code: 404 }, "STORE_MISSING"],
    [{ message: "Could not load the default credentials. Browse to …" }, "STORE_SIGN_IN_FAILED"],
    [
      { message: "Cannot connect to instance, public Ip address not found", code: "ENOPUBLICSQLADMINIPADDRESS" },
      "COMPONENT_CONFIG_INVALID",
    ],
    [{ message: "getaddrinfo ENOTFOUND sqladmin.googleapis.com", code: "ENOTFOUND" }, "STORE_UNAVAILABLE"],
  ];
  for (const [facts, code] of cases) {
    assert.equal((connectError(Object.assign(new Error(), facts), "connecting") as { code?: unknown }).code, code);
  }
});
