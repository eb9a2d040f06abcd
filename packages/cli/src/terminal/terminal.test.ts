import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { createTerminal } from "./terminal.js";

function stream(isTTY: boolean): NodeJS.WriteStream {
  return Object.assign(new Writable({ write: (_chunk, _encoding, done) => done() }), {
    isTTY,
    columns: 100,
    rows: 40,
  }) as unknown as NodeJS.WriteStream;
}

function terminal(environment: NodeJS.ProcessEnv, isTTY = true) {
  return createTerminal(environment, stream(isTTY), stream(isTTY));
}

describe("colours", () => {
  test.each([
    ["on a terminal", {}, true, true],
    ["not in a pipe", {}, false, false],
    ["not with NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["with an empty NO_COLOR, which says nothing", { NO_COLOR: "" }, true, true],
    ["in a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, false, true],
    ["not with FORCE_COLOR=0", { FORCE_COLOR: "0" }, true, false],
    ["not on a dumb terminal", { TERM: "dumb" }, true, false],
  ])("%s", (_name, environment, isTTY, expected) => {
    expect(terminal(environment, isTTY).colors.isColorSupported).toBe(expected);
  });
});

describe("what is redrawn", () => {
  test("nothing but a real terminal, outside continuous integration", () => {
    expect(terminal({}).live).toBe(true);
    expect(terminal({}, false).live).toBe(false);
    expect(terminal({ TERM: "dumb" }).live).toBe(false);
    expect(terminal({ CI: "true" }).live).toBe(false);
  });
});

test.runIf(process.platform !== "win32")("signs are ASCII where the locale is not UTF-8", () => {
  expect(terminal({ LC_ALL: "POSIX" }).symbols.done).toBe("+");
  expect(terminal({ LANG: "de_DE.UTF-8" }).symbols.done).toBe("✔");
});

test("a pipe has no width to fit into", () => {
  expect(terminal({}, false).width()).toBe(Number.POSITIVE_INFINITY);
  expect(terminal({}).width()).toBe(100);
});
