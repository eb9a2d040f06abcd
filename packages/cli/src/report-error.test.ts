import { describe, expect, test } from "vitest";
import { reportError } from "./report-error.js";
import { createTerminal, type Terminal } from "./terminal/terminal.js";
import { usageError } from "./usage-error.js";

function report(error: unknown, options = { verbose: false, json: false }) {
  const lines: string[] = [];
  const plain = createTerminal({ NO_COLOR: "1", LANG: "C.UTF-8" });
  const terminal: Terminal = { ...plain, note: (text) => void lines.push(text) };
  return { exitCode: reportError(error, terminal, options), text: lines.join("\n") };
}

describe("a known error", () => {
  test("shows its code, a sentence, and what to do; no stack", () => {
    const { text, exitCode } = report(usageError("reading --limit", "'x' is not a number", "Write a number."));
    expect(text).toContain("USAGE_INVALID");
    expect(text).toContain("Reading --limit: 'x' is not a number.");
    expect(text).toContain("Write a number.");
    expect(text).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(2);
  });

  test("shows its stack if asked", () => {
    const { text } = report(usageError("reading", "nothing"), { verbose: true, json: false });
    expect(text).toMatch(/\n\s+at .*report-error\.test/);
  });

  test("names what lies behind it, once", () => {
    const inner = new Error("connection refused");
    const middle = new Error("the query failed", { cause: inner });
    const error = Object.assign(usageError("opening the store", "the query failed"), { cause: middle });
    const { text } = report(error);
    expect(text).toContain("Because: connection refused");
    expect(text.match(/the query failed/g)).toHaveLength(1);
  });

  test("is JSON for programs", () => {
    const { text } = report(usageError("reading x", "it is y", "Do z."), { verbose: false, json: true });
    expect(JSON.parse(text)).toMatchObject({
      error: { code: "USAGE_INVALID", doing: "reading x", found: "it is y", fix: "Do z." },
    });
  });

  test("whose text ends a sentence gets no second full stop", () => {
    expect(report(usageError("checking", "it has 2 faults:\n  - a.\n  - b.\n")).text).not.toContain("..");
  });
});

describe("an unknown error", () => {
  test("is called a bug, with a hint at --verbose and no stack", () => {
    const { text, exitCode } = report(new TypeError("x is not a function"));
    expect(text).toContain("this is a bug");
    expect(text).toContain("x is not a function");
    expect(text).toContain("--verbose");
    expect(text).not.toMatch(/\n\s+at /);
    expect(exitCode).toBe(70);
  });

  test("may be anything that can be thrown", () => {
    expect(report(undefined).exitCode).toBe(70);
    expect(report("oh").text).toContain("oh");
  });
});
