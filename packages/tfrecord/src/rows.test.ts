import { TenonError } from "@tenon/core";
import { describe, expect, it, test } from "vitest";
import {
  bytesList,
  decodeExample,
  type Example,
  type ExampleRow,
  type ExampleSchema,
  encodeExample,
  exampleToRow,
  type Feature,
  floatList,
  inferExampleSchema,
  int64List,
  rowToExample,
} from "./index.js";

const thrown = (work: () => unknown): TenonError => {
  try {
    work();
  } catch (error) {
    if (TenonError.is(error, "EXAMPLE_INVALID")) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};
const example = (features: Record<string, Feature>): Example => ({ features: new Map(Object.entries(features)) });
const there = (row: ExampleRow, schema?: ExampleSchema) => decodeExample(encodeExample(rowToExample(row, schema)));

const schema: ExampleSchema = {
  columns: [
    { name: "species", kind: "text" },
    { name: "mass", kind: "integer" },
    { name: "bill", kind: "number" },
    { name: "tagged", kind: "boolean" },
    { name: "seen", kind: "time" },
    { name: "picture", kind: "bytes", shape: [2, 2] },
    { name: "song", kind: "vector", shape: [3] },
  ],
};
const row = {
  species: "Adélie",
  mass: 3750,
  bill: 39.5,
  tagged: true,
  seen: "2007-11-11T00:00:00Z",
  picture: Uint8Array.of(0, 255, 10, 128),
  song: Float32Array.of(1, -2, 0.5),
};

describe("a row", () => {
  it("comes back from an Example by its schema, in the schema's order", () => {
    const back = exampleToRow(there(row, schema), schema);
    expect(back).toEqual(row);
    expect(Object.keys(back)).toEqual(schema.columns.map(({ name }) => name));
  });

  it("has bytes of its own, which hold no longer piece of a file in memory", () => {
    for (const of of [schema, undefined]) {
      const { picture } = exampleToRow(there({ picture: row.picture }), of) as { picture: Uint8Array };
      expect(picture.buffer.byteLength).toBe(4);
    }
  });

  it("has null where a value is missing, however it was missing", () => {
    const holes = { species: null, mass: undefined, bill: Number.NaN, tagged: false };
    const { features } = there(holes, schema);
    expect([...features.keys()]).toEqual(["tagged"]);
    expect(exampleToRow({ features }, schema)).toEqual({
      species: null,
      mass: null,
      bill: null,
      tagged: false,
      seen: null,
      picture: null,
      song: null,
    });
  });

  it("keeps an empty text, empty bytes and an empty vector apart from missing ones", () => {
    const columns = [
      { name: "text", kind: "text" },
      { name: "bytes", kind: "bytes" },
      { name: "vector", kind: "vector" },
    ] as const;
    const empty = { text: "", bytes: new Uint8Array(), vector: new Float32Array() };
    expect(exampleToRow(there(empty, { columns }), { columns })).toEqual(empty);
  });

  it("has an integer beyond 2^53 as its decimal text, exactly", () => {
    const columns = [{ name: "id", kind: "integer" }] as const;
    for (const id of ["9007199254740993", "-9223372036854775808"]) {
      expect(exampleToRow(there({ id }, { columns }), { columns })).toEqual({ id });
      expect(exampleToRow(there({ id: BigInt(id) }))).toEqual({ id });
    }
  });

  it("has its numbers in 32 bits", () => {
    const columns = [{ name: "x", kind: "number" }] as const;
    expect(exampleToRow(there({ x: 0.1 }, { columns }), { columns })).toEqual({ x: Math.fround(0.1) });
  });

  it("has its doubles as they were where they are asked to be exact, and floats beside them for others", () => {
    const columns = [
      { name: "x", kind: "number", exact: true },
      { name: "y", kind: "vector", exact: true, shape: [3] },
    ] as const;
    for (const exact of [
      { x: 0.1, y: [-0, 1e300, 1 / 3] },
      { x: null, y: [5e-324, 2, 3] },
    ]) {
      const { features } = there(exact, { columns });
      expect(exampleToRow({ features }, { columns })).toEqual(exact);
      expect(features.get("y")).toEqual(floatList(Float32Array.from(exact.y)));
    }
    const spoilt = example({ x: floatList([1]), "x@float64": bytesList([new Uint8Array(7)]) });
    expect(thrown(() => exampleToRow(spoilt, { columns })).found).toContain("64-bit floats");
  });

  it("can do without a schema: numbers are floats, bytes stay bytes", () => {
    const plain = { species: "Adélie", mass: 3750, tagged: true, song: [1, 2.5] };
    const { features } = there(plain);
    expect([...features].map(([name, { kind }]) => [name, kind])).toEqual([
      ["mass", "float"],
      ["song", "float"],
      ["species", "bytes"],
      ["tagged", "int64"],
    ]);
    expect(exampleToRow({ features })).toEqual({
      mass: 3750,
      song: Float32Array.of(1, 2.5),
      species: new TextEncoder().encode("Adélie"),
      tagged: 1,
    });
  });

  it("may have columns with the names of an object's own members", () => {
    const odd = JSON.parse('{"__proto__": 1, "constructor": 2}') as ExampleRow;
    expect(Object.entries(exampleToRow(there(odd)))).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  it("is refused where it does not fit its schema, and says what was expected and found", () => {
    const cases: [ExampleRow, string][] = [
      [{ mass: 1.5 }, "column 'mass' should have a value of the kind integer, and has the number 1.5"],
      [{ mass: "many" }, "column 'mass' should have a value of the kind integer, and has the string many"],
      [{ species: 1 }, "column 'species' should have a value of the kind text, and has the number 1"],
      [{ tagged: 1 }, "column 'tagged' should have a value of the kind boolean, and has the number 1"],
      [{ song: [1, 2] }, "column 'song' should have 3 values by its shape [3], and has 2"],
      [{ picture: new Uint8Array(5) }, "column 'picture' should have 4 values by its shape [2, 2], and has 5"],
      [{ bill: 1e39 }, "value 0 is 1e+39, which is too large for 32 bits"],
      [{ mass: 2 ** 60 }, "value 0 is 1152921504606847000, which is not exact as a number: pass a bigint"],
    ];
    for (const [bad, found] of cases) expect(thrown(() => rowToExample(bad, schema)).found).toBe(found);
    expect(thrown(() => rowToExample({ flipper: 1 }, schema)).found).toMatch(
      /^it has a column 'flipper', and the schema only 'species'/,
    );
  });

  it("is refused without a schema if rounding would change an integer, or nothing in an Example holds a value", () => {
    expect(thrown(() => rowToExample({ id: 16_777_217 })).found).toContain("16777217");
    expect(thrown(() => rowToExample({ tags: ["a"] as unknown as number[] })).found).toContain("a list of 1");
  });
});

describe("an Example", () => {
  it("of integers fits columns of numbers and vectors", () => {
    const columns = [
      { name: "x", kind: "number" },
      { name: "y", kind: "vector" },
    ] as const;
    expect(exampleToRow(example({ x: int64List([3]), y: int64List([1, 2]) }), { columns })).toEqual({
      x: 3,
      y: [1, 2],
    });
  });

  it("that does not fit a schema is refused, and says what was expected and found", () => {
    const cases: [Record<string, Feature>, string][] = [
      [
        { mass: floatList([1]) },
        "column 'mass' should have a list of int64 for the kind integer, and has one of float",
      ],
      [
        { species: int64List([1]) },
        "column 'species' should have a list of bytes for the kind text, and has one of int64",
      ],
      [{ mass: int64List([1, 2]) }, "column 'mass' should have one value for the kind integer, and has 2"],
      [{ song: floatList([1]) }, "column 'song' should have 3 values by its shape [3], and has 1"],
      [{ tagged: int64List([2]) }, "column 'tagged' should have 0 or 1 for the kind boolean, and has 2"],
      [
        { bill: int64List([2n ** 60n]) },
        `column 'bill' should have integers that a number holds exactly, and has ${2n ** 60n}`,
      ],
      [
        { species: bytesList([Uint8Array.of(255)]) },
        "column 'species' should have text in UTF-8, and has 1 bytes that are none",
      ],
    ];
    for (const [bad, found] of cases) expect(thrown(() => exampleToRow(example(bad), schema)).found).toBe(found);
    expect(thrown(() => exampleToRow(example({ tags: bytesList(["a", "b"]) }))).found).toContain("rows hold no lists");
  });
});

test("a list of floats that can be gone through only once is checked, too", () => {
  const numbers = function* () {
    yield 1;
    yield 1e39;
  };
  expect(thrown(() => floatList(numbers())).found).toBe("value 1 is 1e+39, which is too large for 32 bits");
});

describe("an inferred schema", () => {
  it("is that of what all Examples have in common", () => {
    const examples = [
      example({
        a: floatList([1]),
        b: floatList([1]),
        c: int64List([1]),
        d: bytesList(["é"]),
        e: bytesList(["é"]),
        f: { kind: "none" },
      }),
      example({
        a: floatList([2]),
        b: floatList([1, 2]),
        c: int64List([]),
        d: bytesList(["ü"]),
        e: bytesList([Uint8Array.of(200)]),
      }),
    ];
    expect(inferExampleSchema(examples)).toEqual({
      columns: [
        { name: "a", kind: "number" },
        { name: "b", kind: "vector" },
        { name: "c", kind: "integer" },
        { name: "d", kind: "text" },
        { name: "e", kind: "bytes" },
      ],
    });
  });

  it("has exact columns where the doubles of floats lie beside them, and none of the doubles themselves", () => {
    const columns = [
      { name: "x", kind: "number", exact: true },
      { name: "y", kind: "vector", exact: true },
    ] as const;
    const exact = { x: 0.1, y: [1 / 3, 2] };
    const inferred = inferExampleSchema([there(exact, { columns })]);
    expect(inferred).toEqual({ columns });
    expect(exampleToRow(there(exact, { columns }), inferred)).toEqual(exact);
  });

  it("is refused if a feature has several kinds", () => {
    const mixed = [example({ a: floatList([1]) }), example({ a: int64List([1]) })];
    expect(thrown(() => inferExampleSchema(mixed)).found).toBe(
      "feature 'a' is a list of float in one and of int64 in another",
    );
  });
});
