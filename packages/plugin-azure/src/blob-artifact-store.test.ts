// Everything here runs against Azurite, Microsoft's emulator.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { BlobServiceClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { testArtifactStore } from "@tenon/core/testing";
import { type Azurite, type Fault, type ProxiedRequest, startAzurite, startFaultProxy } from "@tenon-test/servers";
import { afterAll, beforeAll, test } from "vitest";
import { BlobArtifactStore, create } from "./blob-artifact-store.js";
import { openContainer } from "./blob-connection.js";

let server: Azurite;
beforeAll(async () => {
  server = await startAzurite(import.meta.url);
});
afterAll(() => server?.stop());

function clientOf(container: string) {
  const credential = new StorageSharedKeyCredential(server.account, server.key);
  return new BlobServiceClient(server.endpoint, credential).getContainerClient(container);
}

async function freshContainer(): Promise<string> {
  const name = `c-${randomUUID()}`;
  await clientOf(name).create();
  return name;
}

async function open(container: string, { account = server.endpoint, prefix = "", retries = 5 } = {}) {
  const client = await openContainer({ account, container, accountKey: server.key });
  return new BlobArtifactStore(client, { prefix, retries });
}

testArtifactStore({
  test,
  prefix: "blob on Azurite",
  create: async () => {
    const container = await freshContainer();
    return { store: await open(container), openAgain: () => open(container) };
  },
});

testArtifactStore({
  test,
  prefix: "blob on Azurite, below a prefix",
  create: async () => {
    const container = await freshContainer();
    const other = await open(container);
    for (const name of ["a", "team", "team0/x", "team/p", "team/pp/x", "zz", "ü.", "team/ü."]) await other.write(name, Buffer.from("other"));
    return { store: await open(container, { prefix: "team/p" }), openAgain: () => open(container, { prefix: "team/p" }) };
  },
});
