import { expect, test } from "vitest";
import { Watch } from "./lease.js";

test("a counter that moves now and then belongs to somebody alive", () => {
  const watch = new Watch();
  for (let look = 0; look < 100; look += 1) expect(watch.look(Math.floor(look / 8))).toBe(false);
});

test("a counter that stands still for the time of a lease belongs to somebody dead", () => {
  const watch = new Watch();
  expect(Array.from({ length: 9 }, () => watch.look(7))).toEqual([...Array(8).fill(false), true]);
});

test("no sign at all counts as one that does not move", () => {
  const watch = new Watch();
  expect(Array.from({ length: 9 }, () => watch.look(undefined)).at(-1)).toBe(true);
});
