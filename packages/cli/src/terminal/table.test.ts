import { expect, test } from "vitest";
import { formatTable } from "./table.js";
import { createTerminal } from "./terminal.js";

const { colors } = createTerminal({ NO_COLOR: "1" });
const columns = [{ title: "NAME" }, { title: "TIME", align: "right" as const, rank: 1 }, { title: "NOTE", rank: 0 }];
const rows = [
  ["load", "12 ms", "first"],
  ["standardise", "1.3 s", "second"],
];

function lines(width: number, given = rows): string[] {
  return formatTable(columns, given, { colors, width: () => width }).split("\n");
}

test("columns stand under each other, numbers to the right", () => {
  expect(lines(Number.POSITIVE_INFINITY)).toEqual([
    "NAME          TIME  NOTE",
    "load         12 ms  first",
    "standardise  1.3 s  second",
  ]);
});

test("a narrow terminal loses the least important columns first", () => {
  expect(lines(20)[0]).toBe("NAME          TIME");
  expect(lines(12)).toEqual(["NAME", "load", "standardise"]);
});

test("what still does not fit is cut, and says so", () => {
  const [, , cut] = lines(8);
  expect(cut).toMatch(/^stand.*…$/);
  expect(cut?.length).toBeLessThanOrEqual(8);
});

test("wide characters count for two", () => {
  const [head, wide, plain] = lines(Number.POSITIVE_INFINITY, [
    ["データ", "1 s", "x"],
    ["ab", "2 s", "y"],
  ]);
  expect(head?.indexOf("TIME")).toBe(8);
  expect(wide).toBe("データ   1 s  x");
  expect(plain).toBe("ab       2 s  y");
});
