import { expect, test } from "vitest";
import { reproducedName } from "./reproduced-plan.js";

test("what a reproduction makes has the recorded name with a word before it", () => {
  expect(reproducedName("penguins.fit")).toBe("reproduced.penguins.fit");
});

test("the reproduction of a reproduction has the same names", () => {
  expect(reproducedName(reproducedName("penguins.fit"))).toBe("reproduced.penguins.fit");
});

test("long names stay within what the ledger takes, and apart from each other", () => {
  for (const long of ["a".repeat(100), "ü".repeat(50), "🐧".repeat(25)]) {
    const [one, other] = [reproducedName(`${long}1`), reproducedName(`${long}2`)];
    for (const name of [one, other]) {
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(100);
      expect(name).not.toMatch(/\p{Cs}/u);
    }
    expect(one).not.toBe(other);
  }
});
