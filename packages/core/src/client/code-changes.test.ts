import { expect, test } from "vitest";
import { codeChanges, describeCodeChange } from "./code-changes.js";

const before = {
  made: "2 rolldown 1.0.0",
  code: { "kept in a.ts": "1", "edited in a.ts": "1", "deleted in b.ts": "1" },
  packages: ["left@1.0.0", "twice@1.0.0", "twice@2.0.0", "@acme/gone@1.0.0"],
  files: { "rows.csv": "1" },
  environment: { UNIT: "1", REGION: null, SET: "1" },
};
const words = (after: typeof before | Parameters<typeof codeChanges>[1]) =>
  codeChanges(before, after).map(describeCodeChange);

test("equal fingerprints have no changes", () => {
  expect(words({ ...before })).toEqual([]);
});

test("declarations, packages, files, variables and the way of taking fingerprints are told apart", () => {
  const after = {
    made: "2 rolldown 1.1.0",
    code: { "kept in a.ts": "1", "edited in a.ts": "2", "added in c.ts": "1" },
    packages: ["left@1.1.0", "twice@2.0.0", "new@1.0.0"],
    files: { "rows.csv": "2" },
    environment: { UNIT: "2", REGION: "1", SET: null },
  };
  expect(words(after)).toEqual([
    "added in c.ts is new",
    "deleted in b.ts is gone",
    "edited in a.ts changed",
    "@acme/gone 1.0.0 → none",
    "left 1.0.0 → 1.1.0",
    "new none → 1.0.0",
    "twice 1.0.0, 2.0.0 → 2.0.0",
    "rows.csv changed",
    "REGION was not set",
    "SET is no longer set",
    "UNIT changed",
    "the way in which fingerprints are taken 2 rolldown 1.0.0 → 2 rolldown 1.1.0",
  ]);
});
