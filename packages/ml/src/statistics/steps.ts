import { type Handle, type Handles, type Step, type StepOptions, step, TenonError } from "@tenon/core";
import { type Validation, validation } from "../schema/anomalies.js";
import { checkSchema } from "../schema/check-schema.js";
import { inferSchema } from "../schema/infer-schema.js";
import { validateRows } from "../schema/validate-rows.js";
import type { DataSchema } from "../vocabulary/data-schema.js";
import type { Rows, RowsInput } from "../vocabulary/row.js";
import { dataSchema, rows } from "../vocabulary/types.js";
import { type DataStatistics, statistics } from "./data-statistics.js";
import { describeRows } from "./describe-rows.js";
import { compareRows, type Drift, type DriftOptions, drift } from "./drift.js";

type Named = StepOptions & { readonly name?: string };
type None = Record<never, never>;

/** Statistics of rows, with a page. */
export const describeData: Step<RowsInput, None, Handle<DataStatistics>> = step({
  name: "describeData",
  inputs: { rows },
  output: statistics,
  run: ({ rows }) => describeRows(rows),
});

/** What rows show of their columns. */
export const inferDataSchema: Step<RowsInput, None, Handle<DataSchema>> = step({
  name: "inferDataSchema",
  inputs: { rows },
  output: dataSchema,
  run: ({ rows }) => inferSchema(rows),
});

/**
 * A step that holds rows against a schema and passes them on. Call it at the top level of a module.
 *
 * @param options.anomalies what becomes of the step if there are any: it fails with `DATA_INVALID` (by default), or it reports them
 * @param options.others false: columns of which the schema says nothing are no anomaly
 * @throws `PARAMETER_INVALID` for a schema that is none
 * @example const checked = validateData({ columns: [{ name: "mass", kind: "number", required: true, minimum: 0 }] });
 */
export function validateData(
  schema: DataSchema,
  options: Named & { readonly anomalies?: "fail" | "report"; readonly others?: boolean } = {},
): Step<RowsInput, None, Handles<{ readonly rows: Rows; readonly validation: Validation }>> {
  checkSchema(schema);
  const { name = "validateData", anomalies = "fail", others = true, ...settings } = options;
  return step({
    ...settings,
    name,
    inputs: { rows },
    outputs: { rows, validation },
    run({ rows }, { log }) {
      const result = validateRows(rows, schema, { others });
      for (const { column, found } of result.anomalies) log.warn(`column '${column}': ${found}`);
      if (anomalies === "fail") refuseAnomalies(result, "validating rows");
      return { rows, validation: result };
    },
  });
}

/**
 * A step that compares the distributions of two tables. Call it at the top level of a module.
 *
 * @param options.drifted what becomes of the step if a column has drifted: it reports that (by default), or fails with `DATA_INVALID`
 */
export function detectDrift(
  options: Named & DriftOptions & { readonly drifted?: "fail" | "report" } = {},
): Step<{ readonly before: Rows; readonly after: Rows }, None, Handle<Drift>> {
  const { name = "detectDrift", drifted = "report", threshold, thresholds, schema, ...settings } = options;
  const judged = {
    ...(threshold !== undefined && { threshold }),
    ...(thresholds && { thresholds }),
    ...(schema && { schema }),
  };
  return step({
    ...settings,
    name,
    inputs: { before: rows, after: rows },
    output: drift,
    run({ before, after }, { log }) {
      const result = compareRows(before, after, judged);
      const changed = result.columns.filter((column) => column.drifted).map(({ name }) => name);
      if (changed.length === 0) return result;
      log.warn(`drifted: ${changed.join(", ")}`);
      if (drifted === "report") return result;
      throw new TenonError("DATA_INVALID", {
        doing: "comparing two tables",
        found: `the columns ${changed.join(", ")} have drifted beyond their thresholds`,
        fix: "Look into what has changed; where it is meant to be so, raise the threshold or compare with newer data.",
        details: { columns: changed },
      });
    },
  });
}

/** @throws `DATA_INVALID`, which names every anomaly */
export function refuseAnomalies({ anomalies }: Validation, doing: string): void {
  if (anomalies.length === 0) return;
  throw new TenonError("DATA_INVALID", {
    doing,
    found: anomalies.map(({ column, found }) => `column '${column}': ${found}`).join("; "),
    fix: "Mend the data, or the schema where it expects the wrong thing.",
    details: { anomalies: anomalies.slice(0, 100) },
  });
}
