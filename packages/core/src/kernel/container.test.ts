import { expect, test } from "vitest";
import { token } from "../contracts/container.js";
import { KernelContainer } from "./container.js";

const word = token<string>("test/word");
const maker = token<{ dispose(): void }>("test/maker");

test("a value registered again replaces the first one", () => {
  const container = new KernelContainer();
  container.registerValue(word, "first");
  container.registerValue(word, "second");
  expect(container.resolve(word)).toBe("second");
});

test("values that are no objects, undefined and null too, are kept as they are", () => {
  const container = new KernelContainer();
  for (const value of [undefined, null, 0, "", false]) {
    const place = token<unknown>(`test/${String(value)}`);
    container.registerValue(place, value);
    expect(container.has(place)).toBe(true);
    expect(container.resolve(place)).toBe(value);
  }
});

test("a factory is called once, when it is first asked, also through a scope", () => {
  const container = new KernelContainer();
  let calls = 0;
  container.registerFactory(word, () => `call ${++calls}`);
  expect(calls).toBe(0);
  expect([container.scope().resolve(word), container.resolve(word)]).toEqual(["call 1", "call 1"]);
});

test("a scope sees what its container has, and keeps its own to itself", () => {
  const container = new KernelContainer();
  const scope = container.scope();
  container.registerValue(word, "outer");
  expect(scope.resolve(word)).toBe("outer");
  scope.registerValue(word, "inner");
  expect([scope.resolve(word), container.resolve(word)]).toEqual(["inner", "outer"]);
});

test("two containers know nothing of each other", () => {
  new KernelContainer().registerValue(word, "theirs");
  expect(new KernelContainer().has(word)).toBe(false);
});

test("an unbound token is named", () => {
  expect(() => new KernelContainer().resolve(word)).toThrow(
    expect.objectContaining({ code: "TOKEN_UNBOUND", message: expect.stringContaining("test/word") }),
  );
});

test("a factory that waits for itself is refused instead of running for ever", () => {
  const container = new KernelContainer();
  container.registerFactory(word, (inner) => inner.resolve(word));
  expect(() => container.resolve(word)).toThrow(/waits for its own product/);
});

test("what was created is disposed of in reverse order, all of it, whatever fails", async () => {
  const container = new KernelContainer();
  const log: string[] = [];
  container.own("a", { dispose: () => void log.push("a") });
  container.registerFactory(maker, () => ({ dispose: () => void log.push("factory") }));
  container.scope().resolve(maker);
  container.own("b", {
    dispose: async () => {
      log.push("b");
      throw new Error("b is stuck");
    },
  });
  container.own("c", { dispose: () => void log.push("c") });
  await expect(container.dispose()).rejects.toMatchObject({
    code: "COMPONENT_FAILED",
    message: expect.stringContaining("b is stuck"),
  });
  expect(log).toEqual(["c", "b", "factory", "a"]);
  await container.dispose();
  expect(log).toHaveLength(4);
});

test("what was registered as a value belongs to whoever made it", async () => {
  const container = new KernelContainer();
  const log: string[] = [];
  container.registerValue(maker, { dispose: () => void log.push("disposed") });
  container.resolve(maker);
  await container.dispose();
  expect(log).toEqual([]);
});
