import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Graph } from "./graph.js";
import type { Handle } from "./handle.js";
import { map } from "./map.js";
import { pipeline } from "./pipeline.js";
import { step } from "./step.js";
import { parseDuration, parseSize } from "./units.js";
import { each, external } from "./wire.js";

const load = step("load", () => ({ rows: 3 }));
const split = step({
  name: "split",
  outputs: { train: z.number(), test: z.number() },
  run: () => ({ train: 1, test: 2 }),
});
const within = <T>(body: () => T): T => new Graph("p", {}).build(body);
const error = (action: () => unknown): { code: string; message: string } => {
  try {
    action();
  } catch (caught) {
    return caught as { code: string; message: string };
  }
  throw new Error("nothing was thrown");
};

describe("a handle", () => {
  const misuses: Record<string, (handle: Handle<{ rows: number }>) => unknown> = {
    "is turned into a text": (handle) => `${handle}`,
    "is turned into a number": (handle) => +handle,
    "is added": (handle) => (handle as never as number) + 1,
    "is serialised": (handle) => JSON.stringify({ handle }),
    "has a property read": (handle) => (handle as never as { rows: number }).rows,
    "has a property set": (handle) => {
      (handle as never as { rows: number }).rows = 1;
    },
    "is looped over": (handle) => [...(handle as never as number[])],
    "is destructured": (handle) => {
      const { rows } = handle as never as { rows: number };
      return rows;
    },
    "is cloned": (handle) => (handle as never as { toString(): string }).toString(),
  };
  test.each(Object.entries(misuses))("explains itself when it %s", (_, misuse) => {
    const caught = error(() => within(() => misuse(load())));
    expect(caught.code).toBe("HANDLE_MISUSED");
    expect(caught.message).toContain("output 'output' of step 'load'");
  });

  test("explains itself when it is awaited", async () => {
    const handle = within(() => ({ held: load() }));
    await expect((async () => await handle.held)()).rejects.toMatchObject({
      code: "HANDLE_MISUSED",
      message: expect.stringContaining("awaited"),
    });
  });

  test("can be printed while looking for a mistake", () => {
    expect(() => inspect(within(() => load()))).not.toThrow();
  });

  test("of an output that a step does not have suggests the nearest", () => {
    const caught = error(() => within(() => (split() as never as { tset: unknown }).tset));
    expect(caught).toMatchObject({ code: "HANDLE_MISUSED", message: expect.stringContaining("Did you mean 'test'?") });
  });

  test("is no external value", () => {
    expect(error(() => within(() => external(load()))).code).toBe("HANDLE_MISUSED");
  });
});

describe("a step", () => {
  test("outside the body of a pipeline says how to call its function", () => {
    const caught = error(() => load());
    expect(caught).toMatchObject({ code: "STEP_INVALID", message: expect.stringContaining("load.run(") });
    expect(error(() => map(load, { x: each([1]) } as never)).code).toBe("STEP_INVALID");
  });

  test("can be run by itself, with what its context is not given filled in", () => {
    const scale = step("scale", ({ x }: { x: number }, { log, params, step: { attempt } }) => {
      log.progress(1, 2);
      return x * (params.factor as number) * attempt;
    });
    expect(scale.run({ x: 2 }, { params: { factor: 3 } as never })).toBe(6);
    expect(load.run({})).toEqual({ rows: 3 });
  });

  const wrong: Record<string, [options: unknown, found: string]> = {
    "has no name": [{ run: () => 1 }, "name"],
    "has a name with a dot": [{ name: "a.b", run: () => 1 }, '"a.b"'],
    "has a name of 101 bytes": [{ name: "a".repeat(101), run: () => 1 }, "100 bytes"],
    "has no function": [{ name: "a" }, "no function"],
    "has a misspelt option": [{ name: "a", run: () => 1, retires: 2 }, "Did you mean 'retries'?"],
    "has both output and outputs": [{ name: "a", run: () => 1, output: z.number(), outputs: {} }, "both"],
    "has a schema that is none": [{ name: "a", run: () => 1, params: { epochs: 1 } }, "params"],
    "declares an input by what is no type": [{ name: "a", run: () => 1, inputs: { x: "number" } }, "'x'"],
    "has a negative number of retries": [{ name: "a", run: () => 1, retries: -1 }, "retries"],
    "has a timeout that is no time": [{ name: "a", run: () => 1, timeout: "5 parsecs" }, "5 parsecs"],
    "wants memory that is no size": [{ name: "a", run: () => 1, resources: { memory: "much" } }, "much"],
    "shrinks its backoff": [{ name: "a", run: () => 1, backoff: { factor: 0.5 } }, "factor"],
    "is no object": [null, "null"],
  };
  test.each(Object.entries(wrong))("is refused if it %s", (_, [options, found]) => {
    const caught = error(() => step(options as never));
    expect(caught.code).toBe("STEP_INVALID");
    expect(caught.message).toContain(found);
  });
});

describe("a pipeline", () => {
  const wrong: Record<string, [options: unknown, found: string]> = {
    "has no body": [{ name: "a" }, "body"],
    "has a name with a slash": [{ name: "../a", body: () => {} }, "../a"],
    "has a misspelt option": [{ name: "a", body: () => {}, onFailed: "stop" }, "Did you mean 'onFailure'?"],
    "has an unknown rule for failures": [{ name: "a", body: () => {}, onFailure: "ignore" }, "ignore"],
    "has a slot without a step": [{ name: "a", body: () => {}, steps: { fit: () => 1 } }, "'fit'"],
  };
  test.each(Object.entries(wrong))("is refused if it %s", (_, [options, found]) => {
    const caught = error(() => pipeline(options as never));
    expect(caught.code).toBe("PIPELINE_INVALID");
    expect(caught.message).toContain(found);
  });

  test("can be changed without changing the one it came from", () => {
    const one = pipeline({ name: "one", params: z.object({ a: z.number().default(1) }), body: () => {} });
    const two = one.with({ parameters: { a: 2 } }).with({ parameters: { "load.b": 3 } });
    expect(one.parameters).toEqual({});
    expect(two.parameters).toEqual({ a: 2, "load.b": 3 });
  });
});

test.each([
  ["500ms", 500],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["2 d", 172_800_000],
  ["1.5h", 5_400_000],
  [250, 250],
])("%s is a length of time", (text, milliseconds) => {
  expect(parseDuration(text, "testing")).toBe(milliseconds);
});

test.each([
  ["4GiB", 4 * 2 ** 30],
  ["4GB", 4e9],
  ["512 MiB", 2 ** 29],
  [1024, 1024],
])("%s is an amount of memory", (text, bytes) => {
  expect(parseSize(text, "testing")).toBe(bytes);
});

test.each(["", "5", "m5", "-5m", "5m!", "5 parsecs", Number.NaN, -1, Number.POSITIVE_INFINITY])(
  "%s is no length of time",
  (text) => {
    expect(() => parseDuration(text, "testing")).toThrow(/length of time/);
  },
);
