import { isDeepStrictEqual } from "node:util";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { TenonError } from "@tenon/core";
import { describe, expect, it } from "vitest";
import { goldenContents, goldenPath } from "./golden/golden.js";
import {
  bytesList,
  decodeExample,
  decodeSequenceExample,
  type Example,
  encodeExample,
  encodeSequenceExample,
  type Feature,
  floatList,
  int64List,
  readExamples,
  readRecords,
} from "./index.js";

const recordsOf = async (name: string) => {
  const records: Uint8Array[] = [];
  for await (const record of readRecords(goldenPath(name))) records.push(record);
  return records;
};
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const plain = (feature: Feature | undefined): unknown => {
  switch (feature?.kind) {
    case "bytes":
      return feature.values.map(hex);
    case "float":
      return [...feature.values];
    case "int64":
      return [...feature.values].map(String);
    default:
      return feature;
  }
};
const thrown = (work: () => unknown): TenonError => {
  try {
    work();
  } catch (error) {
    if (TenonError.is(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};
const [varint, fixed32, delimited] = [WireType.Varint, WireType.Bit32, WireType.LengthDelimited];

/** An Example with one feature, whose message a test writes by hand. */
const exampleWith = (write: (writer: BinaryWriter) => void) => {
  const writer = new BinaryWriter();
  writer.tag(1, delimited).fork().tag(1, delimited).fork().tag(1, delimited).string("f").tag(2, delimited).fork();
  write(writer);
  return writer.join().join().join().finish();
};

describe("an Example", () => {
  it("that TensorFlow wrote holds what the listing beside it says, and is written again byte for byte", async () => {
    const records = await recordsOf("examples.plain.tfrecord");
    const found = records.map((record) => {
      const { features } = decodeExample(record);
      return { f: plain(features.get("f")), i: plain(features.get("i")), b: plain(features.get("b")) };
    });
    expect(found).toEqual(goldenContents("examples.json"));
    for (const record of records) expect(hex(encodeExample(decodeExample(record)))).toBe(hex(record));
  });

  it("may have its lists unpacked", async () => {
    const [record = new Uint8Array()] = await recordsOf("unpacked.tfrecord");
    const { features } = decodeExample(record);
    expect({ i: plain(features.get("i")), f: plain(features.get("f")) }).toEqual(goldenContents("unpacked.json"));
  });

  it("may have a list partly packed, in several pieces", () => {
    const floats = exampleWith((writer) => {
      writer.tag(2, delimited).fork().tag(1, fixed32).float(1).tag(1, delimited).fork().float(2).float(3).join().join();
      writer.tag(2, delimited).fork().tag(1, fixed32).float(4).join();
    });
    expect(plain(decodeExample(floats).features.get("f"))).toEqual([1, 2, 3, 4]);
    const integers = exampleWith((writer) => {
      writer.tag(3, delimited).fork().tag(1, varint).int64(-1).tag(1, delimited).fork().int64(300).join().join();
      writer
        .tag(3, delimited)
        .fork()
        .tag(1, varint)
        .int64(2n ** 62n)
        .join();
    });
    expect(plain(decodeExample(integers).features.get("f"))).toEqual(["-1", "300", String(2n ** 62n)]);
  });

  it("has the last kind of a feature that has several, and the last feature of one name", () => {
    const kinds = exampleWith((writer) => {
      writer.tag(2, delimited).fork().tag(1, fixed32).float(1).join();
      writer.tag(3, delimited).fork().tag(1, varint).int64(5).join();
    });
    expect(plain(decodeExample(kinds).features.get("f"))).toEqual(["5"]);
    const one = encodeExample({ features: new Map([["f", floatList([1])]]) });
    const other = encodeExample({ features: new Map([["f", floatList([2])]]) });
    const both = decodeExample(new Uint8Array(Buffer.concat([one, other])));
    expect(plain(both.features.get("f"))).toEqual([2]);
  });

  it("is read past fields that are unknown, or known in an unknown form", () => {
    const known = encodeExample({ features: new Map([["f", floatList([1.5])]]) });
    const writer = new BinaryWriter();
    writer
      .tag(9, varint)
      .uint64(2n ** 63n)
      .tag(1, fixed32)
      .fixed32(7)
      .tag(12, delimited)
      .string("later");
    writer
      .tag(13, WireType.StartGroup)
      .tag(1, varint)
      .uint32(1)
      .tag(13, WireType.EndGroup)
      .tag(14, WireType.Bit64)
      .double(1);
    const bytes = new Uint8Array(Buffer.concat([writer.finish(), known]));
    expect(plain(decodeExample(bytes).features.get("f"))).toEqual([1.5]);
    expect(
      decodeExample(exampleWith((inside) => inside.tag(7, delimited).string("a new kind"))).features.get("f"),
    ).toEqual({
      kind: "none",
    });
  });

  it("tells an empty list of a kind from a feature that says nothing", () => {
    const features = new Map<string, Feature>([
      ["b", bytesList([])],
      ["f", floatList([])],
      ["i", int64List([])],
      ["n", { kind: "none" }],
    ]);
    expect(decodeExample(encodeExample({ features })).features).toEqual(features);
  });

  it("may be empty", () => {
    expect(decodeExample(encodeExample({ features: new Map() })).features.size).toBe(0);
  });

  it("is the same bytes whatever the order of its features, and ordered by the bytes of their names", () => {
    // By UTF-16 units the last two are the other way round.
    const names = ["", "10", "9", "B", "a", "żółć", "\u{ffff}", "🐧"];
    const made = (order: readonly string[]) =>
      encodeExample({ features: new Map(order.map((name) => [name, bytesList([name])])) });
    expect(hex(made([...names].reverse()))).toBe(hex(made(names)));
    expect([...decodeExample(made([...names].reverse())).features.keys()]).toEqual(names);
  });

  it("may have features with the names of an object's own members", () => {
    const features = new Map(["__proto__", "constructor", "toString"].map((name) => [name, floatList([1])] as const));
    expect(decodeExample(encodeExample({ features })).features).toEqual(features);
  });

  it("holds long lists and long byte strings", () => {
    const features = new Map<string, Feature>([
      ["b", bytesList([new Uint8Array(300_000).fill(3), "", "x".repeat(1000)])],
      ["f", floatList(Float32Array.from({ length: 100_000 }, (_, index) => index / 7))],
      ["i", int64List(Array.from({ length: 10_000 }, (_, index) => index * -12_345_678))],
    ]);
    const decoded = decodeExample(encodeExample({ features })).features;
    expect(isDeepStrictEqual(decoded, features)).toBe(true);
  });

  it("writes part of a longer array of floats as that part", () => {
    const whole = Float32Array.of(1, 2, 3, 4);
    const bytes = encodeExample({ features: new Map([["f", floatList(whole.subarray(1, 3))]]) });
    expect(plain(decodeExample(bytes).features.get("f"))).toEqual([2, 3]);
  });
});

describe("64-bit integers", () => {
  it("come back exactly, from one end of the range to the other", () => {
    const edges = [0n, 1n, -1n, 127n, 128n, 2n ** 31n, -(2n ** 31n), 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
    const bytes = encodeExample({ features: new Map([["i", int64List(edges)]]) });
    expect(decodeExample(bytes).features.get("i")).toEqual({ kind: "int64", values: BigInt64Array.from(edges) });
  });

  it("that are not exact, not whole or too large are refused", () => {
    for (const value of [2 ** 53, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2n ** 63n, -(2n ** 63n) - 1n]) {
      expect(thrown(() => int64List([1, value])).code).toBe("EXAMPLE_INVALID");
    }
    expect(thrown(() => int64List([2 ** 53])).found).toBe(
      "value 0 is 9007199254740992, which is not exact as a number: pass a bigint",
    );
  });
});

describe("floats", () => {
  it("are 32 bits wide; not-a-number, infinities and minus zero come back", () => {
    const values = [0.1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-45];
    const feature = decodeExample(encodeExample({ features: new Map([["f", floatList(values)]]) })).features.get("f");
    expect(plain(feature)).toEqual(values.map(Math.fround));
  });

  it("too large for 32 bits are refused", () => {
    expect(thrown(() => floatList([Number.NaN, 1e39])).found).toBe("value 1 is 1e+39, which is too large for 32 bits");
  });
});

describe("a SequenceExample", () => {
  it("that TensorFlow wrote holds what the listing beside it says, and is written again byte for byte", async () => {
    const [record = new Uint8Array()] = await recordsOf("sequence.tfrecord");
    const { context, featureLists } = decodeSequenceExample(record);
    expect({
      context: Object.fromEntries([...context].map(([name, feature]) => [name, plain(feature)])),
      x: featureLists.get("x")?.map(plain),
      y: featureLists.get("y")?.map(plain),
    }).toEqual(goldenContents("sequence.json"));
    expect(hex(encodeSequenceExample({ context, featureLists }))).toBe(hex(record));
  });

  it("may have no context, no lists, and lists without steps", () => {
    for (const example of [
      { context: new Map(), featureLists: new Map() },
      { context: new Map([["a", int64List([1])]]), featureLists: new Map() },
      { context: new Map(), featureLists: new Map([["empty", []]]) },
    ]) {
      expect(decodeSequenceExample(encodeSequenceExample(example))).toEqual(example);
    }
  });
});

describe("a file of Examples", () => {
  it("gives them one after another", async () => {
    const examples: Example[] = [];
    for await (const example of readExamples(goldenPath("examples.gzip.tfrecord"))) examples.push(example);
    expect(examples.map(encodeExample).map(hex)).toEqual((await recordsOf("examples.plain.tfrecord")).map(hex));
  });

  it("says which record is none", async () => {
    const reading = async () => {
      for await (const _ of readExamples(goldenPath("raw.tfrecord")));
    };
    await expect(reading()).rejects.toMatchObject({
      code: "MESSAGE_INVALID",
      details: { record: 1 },
      doing: `reading record 1 of ${goldenPath("raw.tfrecord")} as a tf.train.Example`,
    });
  });
});

describe("bytes that are no Example", () => {
  it("are refused with where the decoding ended, wherever they are cut off", async () => {
    const [, , , , record = new Uint8Array()] = await recordsOf("examples.plain.tfrecord");
    for (let length = 1; length < record.length; length += 1) {
      const error = thrown(() => decodeExample(record.slice(0, length)));
      expect(error.code).toBe("MESSAGE_INVALID");
      expect(error.details.offset).toBeLessThanOrEqual(length);
    }
  });

  it("are refused, or read as something, whatever they are, and never anything else", () => {
    let state = 1;
    const random = () => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state >>> 16;
    };
    for (let round = 0; round < 5_000; round += 1) {
      const bytes = Uint8Array.from({ length: random() % 40 }, () => (random() % 3 ? random() % 24 : random() % 256));
      for (const decode of [decodeExample, decodeSequenceExample]) {
        try {
          decode(bytes);
        } catch (error) {
          expect(TenonError.is(error, "MESSAGE_INVALID")).toBe(true);
        }
      }
    }
  });

  it("are refused if a list of floats has odd bytes, a part is longer than the whole, or a name is no UTF-8", () => {
    const odd = exampleWith((writer) =>
      writer.tag(2, delimited).fork().tag(1, delimited).bytes(new Uint8Array(5)).join(),
    );
    expect(thrown(() => decodeExample(odd)).found).toContain("5 bytes are no list of 32-bit floats");
    expect(thrown(() => decodeExample(Uint8Array.of(0x0a, 0x7f))).found).toContain("longer than the message");
    const name = Uint8Array.of(0x0a, 5, 0x0a, 3, 0x0a, 1, 0xff);
    expect(thrown(() => decodeExample(name)).code).toBe("MESSAGE_INVALID");
    const halfInteger = exampleWith((writer) =>
      writer.tag(3, delimited).fork().tag(1, delimited).bytes(Uint8Array.of(1, 0x80)).join(),
    );
    expect(thrown(() => decodeExample(halfInteger)).code).toBe("MESSAGE_INVALID");
  });
});
