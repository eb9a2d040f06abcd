import { expect, test } from "vitest";
import { WriteQueue } from "./write-queue.js";

/** A queue over a table that takes its time, and what each statement wrote. */
function recording() {
  const table = new Set<string>();
  const statements: string[] = [];
  const queue = new WriteQueue(async (kind, records) => {
    statements.push(`${kind} ${records.map(({ key }) => key).join(" ")}`);
    await new Promise(setImmediate);
    if (records.some(({ key }) => key === "full")) throw new Error("no room");
    if (kind === "insert" && records.some(({ key }) => table.has(key))) throw new Error("duplicate");
    for (const { key } of records) table.add(key);
  });
  return { queue, statements, table };
}

const records = (...keys: string[]) => keys.map((key) => ({ key, value: "" }));

test("what arrives in one turn, or while a write goes on, is written together", async () => {
  const { queue, statements } = recording();
  const first = ["a", "b"].map((key) => queue.add("insert", records(key)));
  await Promise.resolve().then(() => {});
  const second = ["c", "d"].map((key) => queue.add("insert", records(key)));
  await Promise.all([...first, ...second]);
  expect(statements).toEqual(["insert a b", "insert c d"]);
});

test("a write that finds nobody before it is not held up", async () => {
  const { queue, statements } = recording();
  await queue.add("insert", records("a", "b"));
  await queue.add("put", records("a"));
  expect(statements).toEqual(["insert a b", "put a"]);
});

test("each of those that are written together has its own outcome", async () => {
  const { queue, table } = recording();
  await queue.add("insert", records("taken"));
  const tries = [records("a"), records("b", "taken"), records("c"), records("full"), records("d")];
  const results = await Promise.allSettled([records("first"), ...tries].map((one) => queue.add("insert", one)));
  expect(results.map((result) => (result.status === "rejected" ? result.reason.message : "written"))).toEqual([
    "written",
    "written",
    "duplicate",
    "written",
    "no room",
    "written",
  ]);
  expect([...table].sort()).toEqual(["a", "c", "d", "first", "taken"]);
});

test("writes of one key, and of different kinds, stay apart and in their order", async () => {
  const { queue, statements } = recording();
  const writes = [
    queue.add("put", records("first")),
    queue.add("put", records("a", "b")),
    queue.add("put", records("b")),
    queue.add("insert", records("c")),
    queue.add("insert", records("c")).catch(() => {}),
    queue.add("put", records("c")),
  ];
  await Promise.all(writes);
  expect(statements).toEqual(["put first a b", "put b", "insert c", "insert c", "put c"]);
});

test("it is idle when all that waited has been written", async () => {
  const { queue, table } = recording();
  for (const key of ["a", "b", "c"]) void queue.add("put", records(key));
  await queue.idle();
  expect(table.size).toBe(3);
});
