import { TenonError } from "@tenon/core";
import { expect, test } from "vitest";
import { failureInBrief, failureOf, failureText } from "./failure.js";

const issues = JSON.stringify([{ code: "invalid_type", path: ["rows", 2], message: "expected number" }]);

test("in brief, Tenon's own failures are their codes", () => {
  const error = new TenonError("OUTPUT_INVALID", { doing: "saving", found: "it does not fit", fix: "Make it fit." });
  expect(failureInBrief(error)).toBe("OUTPUT_INVALID");
});

test("in brief, the user's are their first clause", () => {
  expect(failureInBrief(new TypeError("Cannot read properties of undefined (reading 'x')"))).toBe(
    "Cannot read properties of undefined (reading 'x')",
  );
  expect(failureInBrief(new Error("no route to host. Check the network.\nmore"))).toBe("no route to host");
  expect(failureInBrief(new Error("version 1.2.3 of e.g. it is gone; see below"))).toBe(
    "version 1.2.3 of e.g. it is gone",
  );
  const long = failureInBrief(new Error(`every tree ${"needs a depth, ".repeat(20)}`));
  expect(long.length).toBeLessThanOrEqual(75);
  expect(long).toMatch(/^every tree needs a depth.* …$/);
  expect(failureInBrief(new Error("x".repeat(500))).length).toBeLessThanOrEqual(75);
  expect(failureInBrief(new Error(""))).toBe("failed");
  expect(failureInBrief(new Error(issues))).toBe("expected number (at rows.2)");
});

test("the whole text has the fix on a line of its own, once", () => {
  const error = new TenonError("STACK_INVALID", { doing: "doing", found: "found", fix: "Mend it." });
  const { lines } = failureText(failureOf(error), false);
  expect(lines.at(-1)).toBe("Mend it.");
  expect(lines.join("\n").split("Mend it.").length).toBe(2);
});

test("the issues of a schema are said in words", () => {
  expect(failureText(failureOf(new Error(issues)), false).lines).toEqual(["expected number (at rows.2)"]);
  expect(failureText(failureOf(new Error("[not json")), false).lines).toEqual(["[not json"]);
});
