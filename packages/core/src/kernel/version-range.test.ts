import satisfies from "semver/functions/satisfies.js";
import { expect, test } from "vitest";
import { fits, isRange } from "./version-range.js";

const versions = [
  "0.9.0",
  "1.0.0",
  "1.2.2",
  "1.2.3",
  "1.2.10",
  "1.10.0",
  "2.0.0",
  "2.0.0-beta.1",
  "1.3.0-rc.1",
  "10.0.0",
];
const ranges = ["^1.2.3", "^1.0.0", "^0.9.0", "~1.2.0", ">=1 <3", "1", "*", "^2.0.0", "^10.0.0", "1.x || 2.x"];

test("versions fit ranges as semver says", () => {
  for (const version of versions) {
    for (const range of ranges) {
      expect([version, range, fits(version, range)]).toEqual([
        version,
        range,
        satisfies(version, range, { includePrerelease: true }),
      ]);
    }
  }
});

test("what is no range is known as such", () => {
  expect(["^1.2.3", "~1", "*", "latest", "workspace:*", "git+ssh://x"].map(isRange)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
});
