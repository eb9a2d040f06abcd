import { pipeline, step } from "@tenon/core";
import { testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { testProject } from "../../test-project.js";
import { inferSchema } from "../schema/infer-schema.js";
import { materializer as ofSchemas } from "../schema/schema-materializer.js";
import { validateRows } from "../schema/validate-rows.js";
import { materializer as ofValidations } from "../schema/validation-materializer.js";
import { validationPage } from "../schema/validation-page.js";
import type { Rows } from "../vocabulary/row.js";
import { rows as rowsType } from "../vocabulary/types.js";
import { describeRows } from "./describe-rows.js";
import { compareRows } from "./drift.js";
import { materializer as ofDrifts } from "./drift-materializer.js";
import { driftPage } from "./drift-page.js";
import { materializer as ofStatistics } from "./statistics-materializer.js";
import { statisticsPage } from "./statistics-page.js";
import { describeData, detectDrift, validateData } from "./steps.js";

const rows: Rows = Array.from({ length: 50 }, (_, index) => ({
  x: index % 7 === 0 ? null : index / 3,
  name: `<b>${index % 3}</b>`,
  image: Uint8Array.from({ length: 16 }, (_, pixel) => pixel * index),
  day: `2024-01-${String((index % 28) + 1).padStart(2, "0")}`,
  yes: index % 2 === 0,
}));
const changed: Rows = rows.map((row) => ({ ...row, x: 5, name: "other" }));
const schema = inferSchema(rows);

testMaterializer({
  test,
  prefix: "statistics: ",
  materializer: ofStatistics,
  samples: () => [describeRows(rows), describeRows([])],
});
testMaterializer({ test, prefix: "schema: ", materializer: ofSchemas, samples: () => [schema, { columns: [] }] });
testMaterializer({
  test,
  prefix: "validation: ",
  materializer: ofValidations,
  samples: () => [validateRows(changed, schema), validateRows(rows, schema)],
});
testMaterializer({
  test,
  prefix: "drift: ",
  materializer: ofDrifts,
  samples: () => [compareRows(rows, changed), compareRows(rows, rows)],
});

describe("pages", () => {
  const pages = [
    statisticsPage(describeRows(rows)),
    validationPage(validateRows(changed, schema)),
    driftPage(compareRows(rows, changed)),
  ];

  test("need nothing beside them, and show data as text only", () => {
    for (const body of pages) {
      expect(body).not.toMatch(/<script|https?:|src=|@import|url\(/);
      expect(body).not.toContain("<b>");
    }
  });
});

test("times on pages are as short as they can be and still told apart, and no list of those that are all different", () => {
  const days = Array.from({ length: 40 }, (_, at) => ({ at: new Date(Date.UTC(2024, 0, 1 + at)).toISOString() }));
  const hours = Array.from({ length: 40 }, (_, at) => ({
    at: new Date(Date.UTC(2024, 0, 1, 0, 15 * at)).toISOString(),
  }));
  const heads = (body: string) => [...body.matchAll(/<th[^>]*><div>(.*?)<\/div>/g)].map(([, text]) => text);
  expect(heads(driftPage(compareRows(days, days))).slice(0, 2)).toEqual(["… – 2024-01-04", "2024-01-04 – 2024-01-08"]);
  expect(heads(driftPage(compareRows(hours, hours))).slice(0, 2)).toEqual([
    "… – 2024-01-01 00:58:30",
    "2024-01-01 00:58:30 – 2024-01-01 01:57",
  ]);
  const statistics = statisticsPage(describeRows(days));
  expect(heads(statistics)).toEqual([]);
  expect(statistics).toContain("<dd>2024-01-01</dd>");
});

const make = step({ name: "make", output: rowsType, run: () => rows });
const makeChanged = step({ name: "makeChanged", output: rowsType, run: () => changed });
const strict = validateData(schema);
const lenient = validateData(schema, { name: "look", anomalies: "report" });
const watch = detectDrift();
const guard = detectDrift({ name: "guard", drifted: "fail" });

describe("steps", () => {
  test("say what they found as metadata, and as a page", async () => {
    await using project = testProject();
    const { outputs } = await project.run(
      pipeline("looking", () => {
        const before = make();
        const after = makeChanged();
        const { validation } = lenient({ rows: after });
        return { statistics: describeData({ rows: before }), validation, drift: watch({ before, after }) };
      }),
    );
    const { statistics } = (await outputs.statistics.artifact.metadata) as { statistics: { x: object } };
    expect(statistics.x).toMatchObject({ kind: "number", missing: 8, present: 42 });
    expect(outputs.validation.artifact.metadata).toMatchObject({ anomalies: 1, columns: ["name"] });
    expect(outputs.drift.artifact.metadata).toMatchObject({ drifted: ["x", "name"] });
    const stored = await project.client.artifacts.get("looking.describeData");
    expect((await stored.visualize()).map(({ name }) => name)).toEqual(["statistics"]);
  });

  test("fail where they were told to, and let rows pass that are as expected", async () => {
    const failing = async (name: "strict" | "guard") =>
      name === "strict" ? strict.run({ rows: changed }) : guard.run({ before: rows, after: changed });
    await expect(failing("strict")).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("not in the domain"),
    });
    await expect(failing("guard")).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: expect.stringContaining("x, name"),
    });
    expect((await strict.run({ rows })) as object).toMatchObject({ rows });
  });
});
