import { expect, test } from "vitest";
import { errorCodes, TenonError } from "./errors.js";

test("an error reads as sentences: what was being done, what was found, what to do", () => {
  const error = new TenonError("STEP_UNKNOWN", {
    doing: "looking for step 'fti' of pipeline 'penguins'",
    found: "it has load, split and fit",
    fix: "Did you mean 'fit'?",
  });
  expect(error.message).toBe(
    "Looking for step 'fti' of pipeline 'penguins': it has load, split and fit. Did you mean 'fit'?",
  );
});

test("an error keeps its cause", () => {
  const cause = new Error("disk on fire");
  expect(new TenonError("STORE_UNAVAILABLE", { doing: "writing", found: "it failed", cause }).cause).toBe(cause);
});

test("an error of another copy of core is still known as one", () => {
  const foreign = Object.assign(new Error("x"), { code: "STEP_FAILED", [Symbol.for("tenon.error")]: true });
  expect(TenonError.is(foreign)).toBe(true);
  expect(TenonError.is(foreign, "STEP_FAILED")).toBe(true);
  expect(TenonError.is(foreign, "RUN_FAILED")).toBe(false);
  expect(TenonError.is(new Error("x"))).toBe(false);
});

test("every code has a heading that reads as a sentence", () => {
  for (const [code, heading] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(heading).toMatch(/^[A-Z].*[^.]$/);
  }
});
