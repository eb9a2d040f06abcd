import { TenonError } from "@tenon/core";
import { refuseUnknown } from "../vocabulary/known-options.js";
import type { TransformOptions } from "./fit.js";
import type { ColumnOperation } from "./operation.js";

/** In a program without types anything may have been passed. @throws `PARAMETER_INVALID`, `PARAMETER_UNKNOWN` */
export function checkOperations(options: TransformOptions): void {
  const { features, label } = (options ?? {}) as Partial<TransformOptions>;
  refuseUnknown(options ?? {}, ["features", "label", "into"], "describing how rows become numbers");
  if (typeof features !== "object" || features === null) throw wrong("the field 'features'", features);
  for (const [name, operations] of Object.entries(features)) check(`the feature '${name}'`, operations);
  if (label === undefined || typeof label === "string") return;
  check("the label", (label as { readonly operations?: unknown } | null)?.operations);
}

function check(what: string, operations: unknown): void {
  if (!Array.isArray(operations)) throw wrong(what, operations);
  const other = operations.find((one) => !isOperation(one));
  if (other !== undefined || operations.includes(undefined)) throw wrong(`an operation of ${what}`, other);
}

function isOperation(one: unknown): one is ColumnOperation {
  return typeof (one as ColumnOperation | null | undefined)?.operation === "string";
}

function wrong(what: string, found: unknown): TenonError {
  const name = typeof found === "function" && found.name !== "" ? ` '${found.name}', which has not been called` : "";
  return new TenonError("PARAMETER_INVALID", {
    doing: "describing how rows become numbers",
    found: `${what} is ${found === null ? "null" : typeof found}${name}`,
    fix: 'Give a list of operations for each column: { features: { mass: [impute("mean"), standardise()] } }.',
  });
}
