import type { ColumnDrift, Drift } from "./drift.js";
import { escaped, facts, levelBars, number, page, percent, time } from "./page.js";

/** A page of how two tables differ, the columns that drifted first. */
export function driftPage({ rows, columns }: Drift): string {
  const drifted = columns.filter((column) => column.drifted);
  const verdict =
    drifted.length === 0
      ? '<p class="note good"><strong>No drift.</strong> Every column is within its threshold.</p>'
      : `<p class="note bad"><strong>${drifted.length} of ${columns.length} columns drifted:</strong> ${escaped(drifted.map(({ name }) => name).join(", "))}</p>`;
  const key = '<p class="key"><span></span>before<span class="after"></span>after</p>';
  const cards = [...drifted, ...columns.filter((column) => !column.drifted)].map((column) => card(column, rows));
  const subtitle = `${number(rows.before)} rows before, ${number(rows.after)} after`;
  return page("Drift", subtitle, `${verdict}${key}<div class="grid">${cards.join("")}</div>`);
}

function card(column: ColumnDrift, rows: Drift["rows"]): string {
  const { name, kind, drifted, shares, missing, appeared, vanished } = column;
  const naming = kind === "time" ? inDays(shares.map((share) => share.name)) : (text: string) => text;
  const bars = levelBars(
    shares.slice(0, 12).map((share) => ({
      name: naming(share.name),
      shares: [share.before, share.after],
      text: `${percent(share.before)} → ${percent(share.after)}`,
    })),
  );
  const gap = (count: number, of: number) => percent(of === 0 ? 0 : count / of).replaceAll(" ", "\u00a0");
  const list: [string, string][] = [
    ["Jensen-Shannon", column.jensenShannon === undefined ? "–" : column.jensenShannon.toFixed(4)],
    ["L∞", column.lInfinity === undefined ? "–" : column.lInfinity.toFixed(4)],
    ["threshold", number(column.threshold)],
    ["missing", `${gap(missing.before, rows.before)} → ${gap(missing.after, rows.after)}`],
  ];
  if (appeared.length > 0) list.push(["new", appeared.join(", ")]);
  if (vanished.length > 0) list.push(["gone", vanished.join(", ")]);
  return `<section class="card${drifted ? " bad" : ""}"><h2>${escaped(name)}<small>${kind}${drifted ? ", drifted" : ""}</small></h2>${bars}${facts(list)}</section>`;
}

/** Days are enough where they tell the buckets apart. */
function inDays(names: readonly string[]): (name: string) => string {
  const day = (name: string) => name.replace(/T[\d:.]+Z/g, "");
  return new Set(names.map(day)).size === names.length ? day : time;
}
