import { describe, expect, test } from "vitest";
import { ago, brief, duration } from "./format.js";

describe("duration", () => {
  test.each([
    [0.4, "0 ms"],
    [12.3, "12 ms"],
    [999, "999 ms"],
    [1300, "1.3 s"],
    [42_000, "42 s"],
    [125_000, "2 m 5 s"],
    [3_723_000, "1 h 2 m"],
  ])("%d ms is %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});

describe("ago", () => {
  const now = Date.parse("2026-03-01T12:00:00.000Z");
  test.each([
    ["2026-03-01T11:59:58.000Z", "just now"],
    ["2026-03-01T11:59:30.000Z", "30 seconds ago"],
    ["2026-03-01T11:58:30.000Z", "1 minute ago"],
    ["2026-03-01T09:59:00.000Z", "2 hours ago"],
    ["2026-02-27T11:00:00.000Z", "2 days ago"],
    ["2026-03-01T12:00:09.000Z", "just now"],
  ])("%s is %s", (iso, text) => {
    expect(ago(iso, now)).toBe(text);
  });

  test("after a week it is a date", () => {
    expect(ago("2026-01-15T12:00:00.000Z", now)).toMatch(/^2026-01-1\d \d\d:\d\d$/);
  });
});

describe("brief", () => {
  test.each([
    [344, "344"],
    [0.123456789, "0.1235"],
    [{ a: [1, 2] }, '{"a":[1,2]}'],
    ["two\nlines", "two lines"],
    [undefined, "undefined"],
  ])("%j on one line is %s", (value, text) => {
    expect(brief(value)).toBe(text);
  });

  test("cuts what is long", () => {
    expect(brief("x".repeat(100), 10)).toBe(`${"x".repeat(9)}…`);
  });
});
