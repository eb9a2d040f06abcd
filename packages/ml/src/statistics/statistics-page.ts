import type { ColumnStatistics, DataStatistics } from "./data-statistics.js";
import { escaped, facts, levelBars, number, page, percent, time, uprightBars } from "./page.js";

const shownColumns = 500;

/** A page of statistics: a card for each column. */
export function statisticsPage({ rows, columns }: DataStatistics, title = "Statistics"): string {
  const cards = columns.slice(0, shownColumns).map((column) => card(column, rows));
  const more =
    columns.length > shownColumns
      ? `<p class="note">${columns.length - shownColumns} more columns are not shown.</p>`
      : "";
  const subtitle = `${rows.toLocaleString("en")} rows, ${columns.length} columns`;
  return page(title, subtitle, `${more}<div class="grid">${cards.join("")}</div>`);
}

function card(column: ColumnStatistics, rows: number): string {
  const { name, kind, missing, present } = column;
  const gaps = rows === 0 ? 0 : missing / rows;
  const list: [string, string][] = [["missing", missing === 0 ? "none" : `${number(missing)} (${percent(gaps)})`]];
  if (column.values) list.push(["distinct", number(column.values.distinct)]);
  const { numbers, elements, lengths, period } = column;
  if (numbers) {
    const { mean, deviation, quantiles, zeros } = numbers;
    list.push(["mean", number(mean)], ["std. deviation", deviation === undefined ? "–" : number(deviation)]);
    list.push(["zeros", zeros === 0 ? "none" : `${number(zeros)} (${percent(zeros / present)})`]);
    list.push(["25 %", number(quantiles["0.25"] as number)], ["median", number(quantiles["0.5"] as number)]);
    list.push(["75 %", number(quantiles["0.75"] as number)]);
  }
  if (elements) {
    const { mean, deviation, minimum, maximum } = elements;
    list.push(["mean", number(mean)], ["std. deviation", deviation === undefined ? "–" : number(deviation)]);
    list.push(["smallest", number(minimum)], ["greatest", number(maximum)]);
  }
  if (lengths) {
    const what = kind === "text" ? "characters" : kind === "bytes" ? "bytes" : "numbers";
    const { minimum, maximum } = lengths;
    list.push([what, minimum === maximum ? number(minimum) : `${number(minimum)} to ${number(maximum)}`]);
  }
  if (period) list.push(["earliest", time(period.earliest)], ["latest", time(period.latest)]);
  return `<section class="card"><h2>${escaped(name)}<small>${kind}</small></h2>${picture(column)}${facts(list)}</section>`;
}

function picture({ numbers, values, kind, present }: ColumnStatistics): string {
  if (numbers && (kind === "number" || (values?.distinct ?? 0) > 12)) {
    const { edges, counts } = numbers.histogram;
    const bars = counts.map((count, index) => ({
      count,
      title: `${number(edges[index] as number)} to ${number(edges[index + 1] as number)}: ${number(count)} rows`,
    }));
    const ends = `<div class="ends"><span>${number(numbers.minimum)}</span><span>${number(numbers.maximum)}</span></div>`;
    return `${uprightBars(bars)}${ends}`;
  }
  // Of times that are all different each is as frequent as the others.
  if (!values || (kind === "time" && values.distinct === present && present > 12)) return "";
  const shown = values.top.slice(0, values.distinct <= 12 ? 12 : 8);
  const bars = shown.map(({ value, count }) => ({
    name: kind === "time" ? time(value) : value,
    shares: [count / present],
    text: `${number(count)} (${percent(count / present)})`,
  }));
  const others = values.distinct - shown.length;
  return `${levelBars(bars)}${others > 0 ? `<div class="ends"><span>and ${number(others)} more</span></div>` : ""}`;
}
