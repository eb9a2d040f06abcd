import { describe, expect, test } from "vitest";
import { expandShortcut } from "./aliases.js";

describe("shortcuts", () => {
  test.each([
    [["ls"], ["run", "list"]],
    [["runs"], ["run", "list"]],
    [
      ["runs", "--json"],
      ["run", "list", "--json"],
    ],
    [
      ["runs", "show", "01J"],
      ["run", "show", "01J"],
    ],
    [
      ["artifacts", "show", "a"],
      ["artifact", "show", "a"],
    ],
    [["plugins"], ["integration", "list"]],
    [
      ["plugins", "check", "gcp"],
      ["integration", "check", "gcp"],
    ],
    [
      ["logs", "01J", "fit"],
      ["run", "logs", "01J", "fit"],
    ],
    [["ps"], ["run", "list", "--status", "running"]],
  ])("%j means %j", (typed, meant) => {
    expect(expandShortcut(typed)).toEqual(meant);
  });

  test.each([[["run", "ls"]], [["constructor"]], [[]], [["--help"]]])("%j is left as it is", (typed) => {
    expect(expandShortcut(typed)).toEqual(typed);
  });
});
