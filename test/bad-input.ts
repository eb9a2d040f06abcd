import { expect } from "vitest";
import type { Ended } from "./project.js";

/** A small pipeline that works; tests break one thing of it each. */
export const totals = `import { pipeline, step } from "@tenon/core";
import { z } from "zod";

const numbers = step({
  name: "numbers",
  params: z.object({ count: z.int().positive().default(3) }),
  output: z.array(z.number()),
  run: (_, { params }) => Array.from({ length: params.count }, (_, index) => index),
});
const sum = step("sum", ({ values }) => values.reduce((total, value) => total + value, 0));

export const totals = pipeline("totals", () => ({ total: sum({ values: numbers() }) }));
`;

/** A pipeline module whose only pipeline is `bad`, with this as what stands before it and in its body. */
export const bad = (before: string, body: string): string => `import { pipeline, run, step } from "@tenon/core";
import { z } from "zod";
const one = step("one", () => 1);
${before}
export const bad = pipeline("bad", () => { ${body} });
`;

/** The command failed with this code, said all of this, and showed no stack trace. */
export function expectRefusal({ code, stdout, stderr }: Ended, errorCode: string, ...said: (string | RegExp)[]): void {
  const everything = `${stdout}\n${stderr}`;
  expect(everything).toContain(errorCode);
  for (const text of said) {
    if (typeof text === "string") expect(everything).toContain(text);
    else expect(everything).toMatch(text);
  }
  expect(everything).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  expect(code).not.toBe(0);
  expect(code).not.toBe(70);
}
