import { escaped, number, page } from "../statistics/page.js";
import type { ColumnSchema } from "../vocabulary/data-schema.js";
import type { Validation } from "./anomalies.js";

/** A page of what was found when rows were held against a schema. */
export function validationPage({ rows, schema, anomalies }: Validation): string {
  const { columns } = schema;
  const verdict =
    anomalies.length === 0
      ? '<p class="note good"><strong>No anomalies.</strong> All rows are as the schema says.</p>'
      : `<p class="note bad"><strong>${anomalies.length} ${anomalies.length === 1 ? "anomaly" : "anomalies"}.</strong></p>`;
  const found = anomalies.map(({ column, anomaly, found, first }) => [column, anomaly, found, first.join(", ") || "–"]);
  const list = found.length === 0 ? "" : table(["Column", "Anomaly", "What was found", "First rows"], found);
  const expected = table(
    ["Column", "Kind", "Required", "Expected"],
    columns.map((column) => [column.name, column.kind, column.required ? "yes" : "no", expectation(column)]),
  );
  return page(
    "Validation",
    `${number(rows)} rows against a schema of ${columns.length} columns`,
    `${verdict}${list}<h2>Schema</h2>${expected}`,
  );
}

function expectation({ domain, minimum, maximum, shape }: ColumnSchema): string {
  const parts: string[] = [];
  if (domain)
    parts.push(
      `one of ${domain.slice(0, 20).join(", ")}${domain.length > 20 ? `, and ${domain.length - 20} more` : ""}`,
    );
  if (minimum !== undefined || maximum !== undefined) parts.push(`from ${minimum ?? "-∞"} to ${maximum ?? "∞"}`);
  if (shape) parts.push(`shape ${shape.join(" × ")}`);
  return parts.join("; ") || "–";
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = heads.map((name) => `<th scope="col">${escaped(name)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join("")}</tr>`).join("");
  return `<div class="scroll"><table class="list"><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
