import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { testIntegration, testMetadataStore } from "@tenon/core/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { available, type DatabaseServer } from "../../../test/servers/database-server.js";
import { flavors, freshOptions } from "./testing/flavors.js";

const resolve = createRequire(import.meta.url).resolve;
const loader = createRequire(resolve("@tenon/core/package.json")).resolve("tsx/esm");
/** How another process runs a TypeScript module of this package. */
const execArgv = ["--import", pathToFileURL(loader).href];

describe.each(flavors)("the metadata store $flavor", ({ server: kind, open, elsewhere }) => {
  describe.skipIf(!available(kind))(`on ${kind.name}`, () => {
    let server: DatabaseServer;
    beforeAll(async () => {
      server = await kind.start();
    });
    afterAll(() => server.destroy());

    testMetadataStore({
      test,
      create: async () => {
        const options = freshOptions(server);
        return {
          store: await open(options),
          openAgain: () => open(options),
          elsewhere: { module: elsewhere, argument: JSON.stringify(options), execArgv, processes: 16 },
        };
      },
    });
  });
});

describe("the integration sql", () => {
  testIntegration({ test, package: new URL("..", import.meta.url) });
});
