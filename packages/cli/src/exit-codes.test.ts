import { expect, test } from "vitest";
import { exitCodeOf, isKnown } from "./exit-codes.js";
import { usageError } from "./usage-error.js";

function coded(code: string): Error {
  return Object.assign(usageError("trying", "nothing"), { code });
}

test("a wrong command line, parameter or name is 2", () => {
  for (const code of ["USAGE_INVALID", "PARAMETER_UNKNOWN", "PARAMETER_INVALID", "RUN_UNKNOWN", "PIPELINE_UNKNOWN"]) {
    expect(exitCodeOf(coded(code))).toBe(2);
  }
});

test("a cancelled run is 130, as the shell has it for Ctrl-C", () => {
  expect(exitCodeOf(coded("RUN_CANCELLED"))).toBe(130);
});

test("any other coded error is 1", () => {
  expect(exitCodeOf(coded("STORE_UNAVAILABLE"))).toBe(1);
});

test("what Tenon did not raise is a bug, 70, whatever code it brings along", () => {
  expect(exitCodeOf(new TypeError("x is not a function"))).toBe(70);
  expect(exitCodeOf(Object.assign(new Error("no such file"), { code: "ENOENT" }))).toBe(70);
  expect(exitCodeOf("a string")).toBe(70);
});

test("an error made without core counts as one of core's", () => {
  expect(isKnown(usageError("reading x", "it is y"))).toBe(true);
});
