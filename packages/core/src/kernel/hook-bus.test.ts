import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { TenonError } from "../errors.js";
import { HookBus } from "./hook-bus.js";

const context = { runId: "r", status: "succeeded", durationMs: 1 } as const;

test("taps are awaited one after the other: pre, plain, post, each in the order of coming", async () => {
  const bus = new HookBus();
  const log: string[] = [];
  bus.on("runFinished", { handler: () => void log.push("post"), order: "post" });
  bus.on("runFinished", async () => {
    await turn();
    log.push("plain 1");
  });
  bus.on("runFinished", { handler: async () => void log.push("pre"), order: "pre" });
  bus.on("runFinished", { handler: () => void log.push("plain 2") });
  await bus.emit("runFinished", context);
  expect(log).toEqual(["pre", "plain 1", "plain 2", "post"]);
});

test("every tap is given the one context object", async () => {
  const bus = new HookBus();
  const seen: unknown[] = [];
  bus.on("runFinished", (given) => void seen.push(given));
  await bus.emit("runFinished", context);
  expect(seen[0]).toBe(context);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("no disk");
    },
  ],
  [
    "rejects",
    async () => {
      await turn();
      throw new Error("no disk");
    },
  ],
])("a tap that %s is reported with the name of its owner, and the others still run", async (_, handler) => {
  const failures: TenonError[] = [];
  const bus = new HookBus((failure) => failures.push(failure));
  const log: string[] = [];
  bus.ownedBy("integration 'acme'").on("runFinished", handler);
  bus.on("runFinished", () => void log.push("other"));
  await bus.emit("runFinished", context);
  expect(log).toEqual(["other"]);
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({
    code: "HOOK_FAILED",
    details: { hook: "runFinished", owner: "integration 'acme'" },
  });
  expect(failures[0]?.message).toMatch(/integration 'acme'.*no disk/);
});

test("a tap can be taken off, and a hook without taps has no listeners", async () => {
  const bus = new HookBus();
  const log: string[] = [];
  const off = bus.on("runFinished", () => void log.push("a"));
  const keep = bus.on("runFinished", () => void log.push("b"));
  await bus.emit("runFinished", context);
  off();
  off();
  await bus.emit("runFinished", context);
  expect(log).toEqual(["a", "b", "b"]);
  keep();
  expect(bus.listens("runFinished")).toBe(false);
  expect(bus.emit("runFinished", context)).toBeUndefined();
});

test("two buses share nothing", () => {
  const bus = new HookBus();
  bus.on("runStarted", () => {});
  expect(new HookBus().listens("runStarted")).toBe(false);
});

test("an unknown hook suggests the nearest one, and what is no function is refused", () => {
  const bus = new HookBus();
  expect(() => bus.on("stepFinish" as never, (() => {}) as never)).toThrow(
    expect.objectContaining({ code: "HOOK_UNKNOWN", fix: "Did you mean 'stepFinished'?" }),
  );
  expect(() => bus.on("stepFinished", { order: "first" } as never)).toThrow(/neither a function/);
});
