import { createRequire } from "node:module";
import { join } from "node:path";
import {
  available,
  type DatabaseServer,
  mariaDb,
  postgreSql,
  radosGatewayMissing,
  startAzurite,
  startGcsFake,
  startRadosGateway,
} from "@tenon-test/servers";
import { workspace } from "./sources.js";

/** One half of a stack that a test has started, as `tenon.yaml` names it. */
export interface StartedStore {
  /** The plugin's directory under `packages/`. */
  readonly plugin: string;
  /** @param name sets it apart from what other stacks keep on the same server */
  configuration(name: string): object;
  /** What its references stand for. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

export interface StoreKind {
  /** Why it cannot be started here, as a line to print. */
  missing(): string | undefined;
  start(): Promise<StartedStore>;
}

const bucket = "tenon-stacks";
// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a reference is written in YAML
const references = { key: "${env:STORE_KEY}", secret: "${env:STORE_SECRET}", password: "${env:STORE_PASSWORD}" };

export const artifactStores: Readonly<Record<string, StoreKind>> = {
  s3: {
    missing: radosGatewayMissing,
    start: async () => {
      const { endpoint, accessKey, secretKey, createBucket, stop } = await startRadosGateway();
      await createBucket(bucket);
      const secrets = { accessKeyId: references.key, secretAccessKey: references.secret };
      return {
        plugin: "plugin-aws",
        configuration: (prefix) => ({ flavor: "aws/s3", endpoint, bucket, prefix, credentials: secrets }),
        env: { STORE_KEY: accessKey, STORE_SECRET: secretKey },
        stop,
      };
    },
  },
  blob: {
    missing: () => undefined,
    start: async () => {
      const server = await startAzurite(join(workspace, "packages/plugin-azure/package.json"));
      const { BlobServiceClient, StorageSharedKeyCredential } = sdkOf("plugin-azure", "@azure/storage-blob");
      const credential = new StorageSharedKeyCredential(server.account, server.key);
      await new BlobServiceClient(server.endpoint, credential).createContainer(bucket);
      const { endpoint: account } = server;
      return {
        plugin: "plugin-azure",
        configuration: (prefix) => ({
          flavor: "azure/blob",
          account,
          container: bucket,
          prefix,
          accountKey: references.key,
        }),
        env: { STORE_KEY: server.key },
        stop: () => server.stop(),
      };
    },
  },
  gcs: {
    missing: () => undefined,
    start: async () => {
      const { endpoint, createBucket, stop } = await startGcsFake();
      createBucket(bucket);
      return {
        plugin: "plugin-gcp",
        configuration: (prefix) => ({ flavor: "gcp/gcs", endpoint, bucket, prefix, anonymous: true }),
        env: {},
        stop,
      };
    },
  },
};

export const metadataStores: Readonly<Record<string, StoreKind>> = {
  mysql: {
    missing: () => (available(mariaDb) ? undefined : "MariaDB is not installed"),
    start: async () => database("mysql", await mariaDb.start()),
  },
  postgres: {
    missing: () => (available(postgreSql) ? undefined : "PostgreSQL is not installed"),
    start: async () => database("postgres", await postgreSql.start()),
  },
};

function database(flavor: string, server: DatabaseServer): StartedStore {
  const uri = `${flavor}://${server.user}@${server.host}:${server.port}/${server.database}`;
  return {
    plugin: "plugin-sql",
    configuration: (name) => ({
      flavor: `sql/${flavor}`,
      uri,
      password: references.password,
      table: name.replace(/[^a-z0-9]/g, "_"),
    }),
    env: { STORE_PASSWORD: server.password },
    stop: () => server.destroy(),
  };
}

function sdkOf(plugin: string, name: string) {
  return createRequire(join(workspace, "packages", plugin, "package.json"))(name);
}
