import assert from "node:assert/strict";
import { type ComponentContext, env, TenonError } from "@tenon/core";
import { available, type DatabaseServer, mariaDb, postgreSql } from "@tenon-test/servers";
import { describe, expect, test } from "vitest";
import type { RdsConfig } from "./rds-config.js";
import { create, rdsOptions, regionOf } from "./rds-metadata-store.js";
import { rdsTokens } from "./rds-token.js";

const host = "db.abc123.eu-central-1.rds.amazonaws.com";
const subject = { hostname: host, port: 5432, username: "ada", region: "eu-central-1" };
const minute = 60_000;

function context(config: RdsConfig): ComponentContext<RdsConfig> {
  const resolveSecret = async ({ name }: { name: string }) => `value of ${name}`;
  const project = { name: "test", root: "/", stateDirectory: "/" };
  return { config, project, resolveSecret } as unknown as ComponentContext<RdsConfig>;
}

describe("tokens", () => {
  test("are made once for many connections, and anew well before they expire", async () => {
    let time = 0;
    let made = 0;
    const token = rdsTokens(
      subject,
      async () => `token ${++made}`,
      () => time,
    );
    assert.deepEqual(await Promise.all([token(), token()]), ["token 1", "token 1"]);
    time = 9 * minute;
    assert.equal(await token(), "token 1");
    time = 11 * minute;
    assert.equal(await token(), "token 2");
  });

  test("that could not be made are asked for again the next time", async () => {
    let fails = true;
    const token = rdsTokens(subject, async () => {
      if (fails) throw Object.assign(new Error("Could not load credentials from any providers."), { secret: "s3cr3t" });
      return "token";
    });
    const error = await token().catch((reason) => reason);
    assert.ok(TenonError.is(error, "STORE_SIGN_IN_FAILED"), String(error));
    assert.match(error.message, /^Making an IAM token for the user 'ada' of db\.abc123.*: Could not load credentials/);
    assert.deepEqual(Object.keys(error.cause as object), []);
    fails = false;
    assert.equal(await token(), "token");
  });

  test("are made by the SDK without asking anybody", async () => {
    process.env.AWS_ACCESS_KEY_ID = "AKIDEXAMPLE";
    process.env.AWS_SECRET_ACCESS_KEY = "secret";
    try {
      const token = new URL(`https://${await rdsTokens(subject)()}`);
      assert.equal(token.host, `${host}:5432`);
      assert.equal(token.searchParams.get("Action"), "connect");
      assert.equal(token.searchParams.get("DBUser"), "ada");
      assert.equal(token.searchParams.get("X-Amz-Expires"), "900");
    } finally {
      delete process.env.AWS_ACCESS_KEY_ID;
      delete process.env.AWS_SECRET_ACCESS_KEY;
    }
  });
});

test("the region is read off the host's name", () => {
  assert.equal(regionOf(host), "eu-central-1");
  assert.equal(regionOf("db.cluster-ro-abc.us-gov-west-1.rds.amazonaws.com"), "us-gov-west-1");
  assert.equal(regionOf("db.abc.cn-north-1.rds.amazonaws.com.cn"), "cn-north-1");
  assert.equal(regionOf("db.example.com"), undefined);
});

test("without a password a token is handed over as it is, and always through TLS that is verified", async () => {
  const config = { engine: "mysql", host, database: "ml", user: "ada" } as const;
  const options = await rdsOptions(context(config));
  expect(options).toMatchObject({ host, port: 3306, plainPassword: true, tls: {} });
  const known = await rdsOptions(context({ ...config, password: env("PASSWORD") }));
  expect(known.plainPassword).toBe(false);
  expect(typeof known.password === "function" && (await known.password())).toBe("value of PASSWORD");
});

test("certificates that cannot be read are a fault of the configuration", async () => {
  const config = { engine: "mysql", host, database: "ml", user: "ada", ca: "no/such.pem" } as const;
  await expect(rdsOptions(context(config))).rejects.toMatchObject({ code: "COMPONENT_CONFIG_INVALID" });
});

describe.each([
  { engine: "mysql" as const, kind: mariaDb },
  { engine: "postgres" as const, kind: postgreSql },
])("the engine $engine", ({ engine, kind }) => {
  test.skipIf(!available(kind))("keeps records in a server of its sort, over verified TLS", async () => {
    const server: DatabaseServer = await kind.start();
    try {
      const { port, database, user, ca, password } = server;
      const config: RdsConfig = { engine, host: "localhost", port, database, user, ca, password: env("PASSWORD") };
      const opened = () => create({ ...context(config), resolveSecret: async () => password });
      const store = await opened();
      expect(await store.insert([{ key: "a", value: "1" }])).toEqual({ inserted: true });
      const other = await opened();
      expect(await other.get("a")).toBe("1");
      await store.dispose?.();
      await other.dispose?.();
      const untrusted = create({ ...context({ ...config, ca: undefined }), resolveSecret: async () => password });
      await expect(untrusted).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    } finally {
      await server.destroy();
    }
  });
});
