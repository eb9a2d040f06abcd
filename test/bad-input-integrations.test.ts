import { describe, expect, test } from "vitest";
import { expectRefusal, totals } from "./bad-input.js";
import { type Project, project } from "./project.js";

const tenonField = { api: "^1.0.0", integration: "acme", contributes: { artifactStore: ["acme"] } };
const works = `import { defineArtifactStore, defineIntegration } from "@tenon/core";
import { z } from "zod";
const acme = defineArtifactStore({ flavor: "acme", config: z.object({}), requires: ["acme-sdk"], load: () => import("acme-sdk") });
export default defineIntegration({ name: "acme", components: [acme] });
`;

function withAcme({
  tenon = tenonField,
  main = works,
  sdk,
}: {
  tenon?: unknown;
  main?: string;
  sdk?: string;
} = {}): Project {
  const there = project({
    "pipeline.mjs": totals,
    "tenon.yaml":
      "project: test\nstacks:\n  acme:\n    orchestrator: local/local\n    artifactStore: acme/acme\n    metadataStore: local/sqlite\n",
  });
  const peerDependencies = { "@tenon/core": "^1.0.0", "acme-sdk": "^2.0.0" };
  there.install("tenon-integration-acme", { exports: "./index.js", peerDependencies, tenon }, { "index.js": main });
  if (sdk)
    there.install(
      "acme-sdk",
      { version: sdk, exports: "./index.js" },
      { "index.js": "export const create = () => ({});" },
    );
  return there;
}

const start = (there: Project) => there.tenon("run", "pipeline.mjs", "--stack", "acme");

describe("an integration", () => {
  test("that is not installed: the command that installs it is named", async () => {
    const there = project({
      "pipeline.mjs": totals,
      "tenon.yaml":
        "project: test\nstacks:\n  cloud:\n    orchestrator: local/local\n    artifactStore: { flavor: gcp/gcs, bucket: b }\n    metadataStore: local/sqlite\n",
    });
    expectRefusal(
      await there.tenon("run", "pipeline.mjs", "--stack", "cloud"),
      "INTEGRATION_UNKNOWN",
      "gcp",
      "install",
    );
  });

  test("whose SDK is not installed", async () => {
    expectRefusal(await start(withAcme()), "REQUIREMENT_MISSING", "acme-sdk", "^2.0.0", "install");
  });

  test("whose SDK is too old", async () => {
    expectRefusal(await start(withAcme({ sdk: "1.4.0" })), "REQUIREMENT_OUTDATED", "acme-sdk", "1.4.0", "^2.0.0");
  });

  test("that fails when it is imported", async () => {
    const main = 'throw new Error("half installed");';
    expectRefusal(await start(withAcme({ main, sdk: "2.0.0" })), "INTEGRATION_BROKEN", "acme", "half installed");
  });

  test("whose manifest is broken", async () => {
    const there = withAcme({ tenon: { api: 1, integration: "acme", contributes: "everything" } });
    expectRefusal(await start(there), "INTEGRATION_MANIFEST_INVALID", "tenon-integration-acme");
  });

  test("that is made for another core", async () => {
    const there = withAcme({ tenon: { ...tenonField, api: "^9.0.0" }, sdk: "2.0.0" });
    expectRefusal(await start(there), "INTEGRATION_INCOMPATIBLE", "acme", "^9.0.0", "1.0.0");
  });

  test("that is broken leaves the others, and the list, as they are", async () => {
    const there = withAcme({ tenon: { api: 1, integration: "acme" } });
    const list = await there.tenon("integration", "list");
    expect(list.stdout).toContain("local");
    expect((await there.tenon("run", "pipeline.mjs")).code).toBe(0);
  });
});
