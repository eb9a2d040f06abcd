import assert from "node:assert/strict";
import validVersion from "semver/functions/valid.js";
import { apiVersion } from "../contracts/integration.js";
import { requiredRange } from "../kernel/requirements.js";
import { fits, isRange } from "../kernel/version-range.js";
import type { IntegrationSubject } from "./integration-subject.js";
import type { ConformanceCase } from "./kit.js";

export const manifestCases: readonly ConformanceCase<IntegrationSubject>[] = [
  {
    name: "its manifest is valid",
    async run(subject) {
      assert.ok(subject.manifest.integration);
    },
  },
  {
    name: "its package has a name and a version",
    async run({ packageJson }) {
      assert.ok(packageJson.name, "package.json has no name");
      assert.notEqual(validVersion(packageJson.version ?? ""), null, `the version is ${packageJson.version}`);
    },
  },
  {
    name: "it is made for these contracts",
    async run({ manifest }) {
      assert.ok(
        fits(apiVersion, manifest.api),
        `its manifest wants contracts ${manifest.api}, and these are ${apiVersion}`,
      );
    },
  },
  {
    name: "it takes the project's core instead of bringing one",
    async run({ packageJson }) {
      const {
        dependencies = {},
        optionalDependencies = {},
        peerDependencies = {},
        peerDependenciesMeta = {},
      } = packageJson;
      assert.ok(!("@tenon/core" in { ...dependencies, ...optionalDependencies }), "@tenon/core is a dependency");
      assert.ok("@tenon/core" in peerDependencies, "@tenon/core is no peer dependency");
      assert.notEqual(peerDependenciesMeta["@tenon/core"]?.optional, true, "the peer @tenon/core is optional");
    },
  },
  {
    name: "every package that it requires has a range of versions",
    async run(subject) {
      const { components, materializers } = await subject.integration();
      const names = [...components, ...materializers].flatMap(({ requires = [] }) => requires);
      for (const name of new Set(names)) {
        const range = requiredRange(subject.directory, name);
        assert.ok(range, `${name} is required, and neither a peer dependency nor a dependency`);
        const checked = range.replace(/^workspace:/, "").replace(/^[\^~]$/, "*");
        assert.ok(isRange(checked), `the range of ${name} is '${range}'`);
      }
    },
  },
];
