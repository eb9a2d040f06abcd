import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { columns, json, pipeline, step, table } from "@tenon/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type TestProject, testProject } from "../../test-project.js";
import { validateData } from "../statistics/steps.js";
import type { Rows } from "../vocabulary/row.js";
import { rows } from "../vocabulary/types.js";
import { csv } from "./csv.js";
import { datasource } from "./datasource.js";
import { images } from "./images.js";
import { inMemory } from "./in-memory.js";

let project: TestProject;
beforeEach(() => {
  project = testProject();
  put("id,island\n1,Dream\n2,Biscoe\n3,Dream\n4,Dream\n");
});
afterEach(() => project[Symbol.asyncDispose]());
const put = (text: string) => writeFileSync(join(project.directory, "birds.csv"), text);

const birds = datasource("birds", csv("*.csv"));
const reading = birds.reading({ name: "load" });
const look = step({ name: "look", inputs: { given: rows }, output: json, run: ({ given }) => given as never });
const lookAtTable = step({
  name: "lookAtTable",
  inputs: { given: table },
  output: json,
  run: ({ given }) => given as never,
});
const commit = () => birds.commit({ directory: project.directory });

describe("a datasource", () => {
  test("makes a version of what its source gives, and none of what has not changed", async () => {
    const first = await commit();
    expect(first).toMatchObject({ version: "1", id: "datasource.birds@1", changed: true, statistics: { rows: 4 } });
    expect(await commit()).toMatchObject({ version: "1", changed: false, digest: first.digest });
    put("id,island\n1,Dream\n");
    expect(await commit()).toMatchObject({ version: "2", changed: true });
    const stored = await project.client.artifacts.get("datasource.birds@1");
    expect(await stored.load()).toHaveLength(4);
    expect(stored.digest).toBe(first.digest);
  });

  test("records schema, statistics and where the rows are from, and draws a page", async () => {
    await commit();
    const stored = await project.client.artifacts.get("datasource.birds");
    expect(stored.metadata).toMatchObject({
      rows: 4,
      source: "CSV *.csv",
      schema: {
        columns: [
          { name: "id", kind: "integer" },
          { name: "island", kind: "text", domain: ["Biscoe", "Dream"] },
        ],
      },
      statistics: {
        island: {
          distinct: 2,
          top: [
            ["Dream", 3],
            ["Biscoe", 1],
          ],
        },
        id: { mean: 2.5 },
      },
    });
    expect(stored.tags).toEqual(["datasource:birds"]);
    const [page] = await stored.visualize("statistics");
    expect(Buffer.from(page?.body ?? "").toString()).toContain("<h1>birds</h1>");
    expect((await stored.load({ as: columns })).columns.id).toEqual(Float64Array.of(1, 2, 3, 4));
  });

  test("stays when garbage is collected", async () => {
    await commit();
    const { artifacts } = await project.client.collectGarbage({ force: true, olderThan: 0 });
    expect(artifacts).toEqual([]);
  });

  test("gives a pipeline a version, or the latest when the step starts", async () => {
    const both = pipeline("both", () => ({
      latest: look({ given: birds.latest() }),
      first: lookAtTable({ given: project.client.artifact("datasource.birds", { version: "1", type: table }) }),
    }));
    await commit();
    put("id,island\n9,Elba\n");
    await commit();
    const { outputs } = await project.run(both);
    expect(await outputs.latest.load()).toEqual([{ id: 9, island: "Elba" }]);
    expect(await outputs.first.load()).toHaveLength(4);
  });

  test("holds its rows against its schema: what does not fit makes no version", async () => {
    const schema = {
      columns: [{ name: "island", kind: "text", required: true, domain: ["Dream", "Biscoe"] }],
    } as const;
    const strict = datasource("strict", csv("*.csv"), { schema });
    expect(await strict.commit({ directory: project.directory })).toMatchObject({ version: "1" });
    put("id,island\n9,Elba\n");
    await expect(strict.commit({ directory: project.directory })).rejects.toMatchObject({ code: "DATA_INVALID" });
    expect((await project.client.artifacts.get("datasource.strict")).version).toBe("1");
  });

  test("has a name that an artifact can have", () => {
    for (const name of ["a@b", "", undefined as never]) {
      expect(() => datasource(name, inMemory([]))).toThrow(expect.objectContaining({ code: "PARAMETER_INVALID" }));
    }
  });

  test("takes no option that there is not, and no source that cannot be read", () => {
    const refused = (code: string, found: string) =>
      expect.objectContaining({ code, message: expect.stringContaining(found) });
    const make = (source: unknown, options?: unknown) => () => datasource("odd", source as never, options as never);
    expect(make(undefined)).toThrow(refused("PARAMETER_INVALID", "no source"));
    expect(make({ kind: "survey" })).toThrow(refused("PARAMETER_INVALID", "no source"));
    expect(make(inMemory([]), { format: "csv" })).toThrow(refused("PARAMETER_INVALID", "its format is 'csv'"));
    expect(make(inMemory([]), { shema: {} })).toThrow(refused("PARAMETER_UNKNOWN", "Did you mean 'schema'?"));
    expect(() => csv("a.csv", { knids: {} } as never)).toThrow(refused("PARAMETER_UNKNOWN", "Did you mean 'kinds'?"));
    for (const [schema, found] of [
      [{ colums: [] }, "it has no list of columns"],
      [{ columns: [{ kind: "text" }] }, "has no name"],
      [{ columns: [{ name: "x", kind: "nubmer" }] }, "Did you mean 'number'?"],
    ] as const) {
      expect(make(inMemory([]), { schema })).toThrow(refused("PARAMETER_INVALID", found));
      expect(() => validateData(schema as never)).toThrow(refused("PARAMETER_INVALID", found));
    }
  });

  test("of what is no table says so", async () => {
    const committing = (found: unknown) =>
      datasource("odd", inMemory(found as never)).commit({ directory: project.directory });
    for (const found of [undefined, 5, "rows", { x: 1 }]) {
      await expect(committing(found)).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
    }
    for (const found of [[1], [{ at: new Date(0) }], [{ x: {} }]]) {
      await expect(committing(found)).rejects.toMatchObject({ code: "DATA_INVALID" });
    }
    await expect(project.client.artifacts.get("datasource.odd")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("has statistics of negative zeros and of the greatest numbers, too", async () => {
    const rows = [
      { x: -0, y: 1.7e308, v: [-0] },
      { x: -0, y: -1.7e308, v: [-0] },
    ];
    const { statistics } = await datasource("zeros", inMemory(rows)).commit({ directory: project.directory });
    const [x, y] = statistics.columns.map(({ numbers }) => numbers);
    expect(Object.is(x?.minimum, 0)).toBe(true);
    expect(y?.histogram.counts).toEqual([1, ...new Array(18).fill(0), 1]);
  });

  test("of images, one of which is broken, leaves nothing", async () => {
    writeFileSync(join(project.directory, "broken.png"), "no image");
    const photos = datasource("photos", images(".", { width: 2, height: 2 }));
    const committing = photos.commit({ directory: project.directory });
    await expect(committing).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
    await expect(project.client.artifacts.get("datasource.photos")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("that cannot be read leaves nothing", async () => {
    put('id\n"1\n');
    await expect(commit()).rejects.toMatchObject({ code: "DATA_UNREADABLE" });
    await expect(project.client.artifacts.get("datasource.birds")).rejects.toMatchObject({ code: "ARTIFACT_UNKNOWN" });
  });

  test("holds images, as columns or as TFRecord, which are read as rows alike", async () => {
    const digits: Rows = [0, 1].map((label) => ({
      image: Uint8Array.from({ length: 784 }, (_, pixel) => pixel + label),
      label,
    }));
    for (const format of ["columns", "tfrecord"] as const) {
      const source = datasource(format, inMemory(digits), { format });
      await source.commit({ directory: project.directory });
      const stored = await project.client.artifacts.get(source.artifact);
      expect(stored.format).toBe(format === "columns" ? "columns/1" : "ml-tfrecord/1");
      expect(await stored.load({ as: rows })).toEqual(digits);
      const { outputs } = await project.run(
        pipeline(`count-${format}`, () => ({ count: count({ given: source.latest() }) })),
      );
      expect(await outputs.count.load()).toBe(2 * 784);
    }
  });

  test("can be read by a step of a run", async () => {
    const away = process.cwd();
    process.chdir(project.directory);
    try {
      const { outputs } = await project.run(pipeline("now", () => ({ seen: look({ given: reading() }) })));
      expect(await outputs.seen.load()).toHaveLength(4);
    } finally {
      process.chdir(away);
    }
  });
});

const count = step({
  name: "count",
  inputs: { given: rows },
  output: json,
  run: ({ given }) => given.map(({ image }) => (image as Uint8Array).length).reduce((sum, length) => sum + length, 0),
});
