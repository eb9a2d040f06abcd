import { randomUUID } from "node:crypto";
import { testArtifactStore } from "@tenon/core/testing";
import { type Fault, type FaultProxy, type ProxiedRequest, startFaultProxy } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { missing, useGateway } from "./testing/gateway.js";

describe.skipIf(missing !== undefined)("the artifact store s3 on Ceph", () => {
  const gateway = useGateway();
  let proxy: FaultProxy;
  beforeAll(async () => {
    if (missing !== undefined) return;
    proxy = await startFaultProxy(gateway.running().port);
    proxy.plan = nowAndThen;
  });
  afterAll(() => proxy?.stop());

  testArtifactStore({
    test,
    create: () => {
      const prefix = `kit/${randomUUID()}`;
      return { store: gateway.store({ prefix }), openAgain: () => gateway.store({ prefix }) };
    },
  });

  testArtifactStore({
    test,
    prefix: "with every few requests failing",
    create: () => {
      const config = { prefix: `kit/${randomUUID()}`, endpoint: proxy.endpoint, attempts: 10 };
      return { store: gateway.store(config), openAgain: () => gateway.store(config) };
    },
  });
});

/** The same on every run, as far as requests come in the same order. */
function nowAndThen({ number }: ProxiedRequest): Fault | undefined {
  if (number % 11 === 0) return { loseAnswer: true };
  if (number % 17 === 0) return { answer: { status: 503 } };
  if (number % 19 === 0) return { cutAnswerAfter: 300_000 };
  if (number % 23 === 0) return { cutRequestAfter: 20 };
  return undefined;
}
