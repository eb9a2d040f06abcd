import { randomUUID } from "node:crypto";
import { testArtifactStore } from "@tenon/core/testing";
import { describe, test } from "vitest";
import { missing, useGateway } from "./testing/gateway.js";

describe.skipIf(missing !== undefined)("the artifact store s3 on Ceph", () => {
  const gateway = useGateway();
  testArtifactStore({
    test,
    create: () => {
      const prefix = `kit/${randomUUID()}`;
      return { store: gateway.store({ prefix }), openAgain: () => gateway.store({ prefix }) };
    },
  });
});
