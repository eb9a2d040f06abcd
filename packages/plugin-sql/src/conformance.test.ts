import { testIntegration, testMetadataStore } from "@tenon/core/testing";
import { available, type DatabaseServer } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, test } from "vitest";
import { flavors, freshOptions } from "./testing/flavors.js";

/** Sixteen processes at once take a while to start on a busy machine. */
const patiently = (name: string, body: () => Promise<void>) => test(name, body, 180_000);

describe.each(flavors)("the metadata store $flavor", ({ server: kind, open, elsewhere }) => {
  describe.skipIf(!available(kind))(`on ${kind.name}`, () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await kind.start();
    });
    afterAll(() => server.destroy());

    testMetadataStore({
      test: patiently,
      create: async () => {
        const options = freshOptions(server);
        return {
          store: await open(options),
          openAgain: () => open(options),
          elsewhere: { module: elsewhere, argument: JSON.stringify(options), processes: 16 },
        };
      },
    });
  });
});

describe("the integration sql", () => {
  testIntegration({ test, package: new URL("..", import.meta.url) });
});
