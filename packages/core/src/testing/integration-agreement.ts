import assert from "node:assert/strict";
import { disagreements } from "../kernel/manifest-agreement.js";
import type { IntegrationSubject } from "./integration-subject.js";
import type { ConformanceCase } from "./kit.js";

/** One case a sort of disagreement, so that the name of what fails says where to look. */
const sorts: Readonly<Record<string, RegExp>> = {
  "its manifest and its code give it one name": /^the manifest names it/,
  "its code brings every component that its manifest promises":
    /^the manifest promises the (?!materializer|class|read format)/,
  "its manifest names every component that its code brings": /^its code brings the (?!materializer|class|read format)/,
  "its code brings every materializer that its manifest promises": /^the manifest promises the materializer/,
  "its manifest names every materializer that its code brings": /^its code brings the materializer/,
  "its manifest and its code name the same classes": /the class '/,
  "its manifest and its code name the same formats to read": /the read format '/,
  "its manifest says so if it taps hooks": /hooks/,
};

export const agreementCases: readonly ConformanceCase<IntegrationSubject>[] = [
  ...Object.entries(sorts).map(([name, sort]) => ({
    name,
    async run(subject: IntegrationSubject) {
      const found = disagreements(subject.manifest, await subject.integration());
      assert.deepEqual(
        found.filter((one) => sort.test(one)),
        [],
      );
    },
  })),
  {
    name: "it has no two components of one kind and flavor",
    async run(subject) {
      const { components } = await subject.integration();
      const names = components.map(({ kind, flavor }) => `${kind.name} ${flavor}`);
      assert.deepEqual(names, [...new Set(names)]);
    },
  },
];
