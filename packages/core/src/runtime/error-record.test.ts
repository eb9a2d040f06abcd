import { expect, test } from "vitest";
import { TenonError } from "../errors.js";
import { fromErrorRecord, toErrorRecord } from "./error-record.js";

test("an error keeps its message, stack and causes through the ledger", () => {
  const original = new Error("outer", { cause: new TypeError("inner", { cause: "text" }) });
  const record = JSON.parse(JSON.stringify(toErrorRecord(original)));
  const restored = fromErrorRecord(record);
  expect(restored.message).toBe("outer");
  expect(restored.stack).toBe(original.stack);
  expect((restored.cause as Error).message).toBe("TypeError: inner");
  expect(((restored.cause as Error).cause as Error).message).toBe("text");
});

test("an error of Tenon keeps its code, any other is a failed step", () => {
  const error = new TenonError("OUTPUT_INVALID", { doing: "checking", found: "nothing" });
  expect(toErrorRecord(error).code).toBe("OUTPUT_INVALID");
  expect(toErrorRecord(new Error("x")).code).toBe("STEP_FAILED");
});

test("anything can be thrown, also what refers to itself", () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  expect(toErrorRecord(circle).message).toBe("[object Object]");
  expect(toErrorRecord("text").message).toBe("text");
  const looped = new Error("looped");
  looped.cause = looped;
  expect(toErrorRecord(looped).causes.length).toBeLessThan(20);
});
