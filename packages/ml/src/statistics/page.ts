/** Text that stands for itself in HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A whole page that needs nothing beside it; by default in light and in dark. */
export function page(title: string, subtitle: string, body: string, css = style): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${css}</style>
</head>
<body>
<header><h1>${escaped(title)}</h1><p>${escaped(subtitle)}</p></header>
<main>${body}</main>
</body>
</html>
`;
}

/** A number as people read it: at most five digits that matter. */
export function number(value: number): string {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e7 || size < 1e-4)) return value.toExponential(3);
  if (Number.isInteger(value) || size >= 1000) return value.toLocaleString("en", { maximumFractionDigits: 1 });
  return String(Number(value.toPrecision(5)));
}

export function percent(share: number): string {
  const value = share * 100;
  if (share > 0 && value < 0.1) return "< 0.1 %";
  if (share < 1 && value > 99.9) return "> 99.9 %";
  return `${value.toFixed(value === 0 || value === 100 ? 0 : 1)} %`;
}

/** A time in ISO 8601 so that lines can break in it, without what is zero in it. */
export function time(text: string): string {
  return text.replace(/(\d{4}-\d\d-\d\d)T([\d:]+?)(?::00)?(?:\.000)?Z/g, "$1 $2").replaceAll(" 00:00", "");
}

/** Names and values side by side. */
export function facts(pairs: readonly (readonly [string, string])[]): string {
  return `<dl>${pairs.map(([name, value]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value)}</dd></div>`).join("")}</dl>`;
}

/** Counts as upright bars side by side; each says what it is when it is pointed at. */
export function uprightBars(bars: readonly { readonly count: number; readonly title: string }[]): string {
  const width = 320;
  const height = 96;
  const most = Math.max(1, ...bars.map(({ count }) => count));
  const step = width / bars.length;
  const shapes = bars.map(({ count, title }, index) => {
    const tall = count === 0 ? 0 : Math.max(1.5, (count / most) * (height - 2));
    const place = `x="${(index * step + 0.5).toFixed(2)}" width="${Math.max(0.5, step - 1).toFixed(2)}"`;
    return `<g><title>${escaped(title)}</title><rect ${place} y="0" height="${height}" fill="transparent"/><rect class="bar" ${place} y="${(height - tall).toFixed(2)}" height="${tall.toFixed(2)}"/></g>`;
  });
  return `<svg class="chart" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="histogram">${shapes.join("")}<line class="axis" x1="0" x2="${width}" y1="${height}" y2="${height}"/></svg>`;
}

/** A line of text each, with a bar as long as its share. */
export function levelBars(
  rows: readonly { readonly name: string; readonly shares: readonly number[]; readonly text: string }[],
): string {
  const most = Math.max(1e-12, ...rows.flatMap(({ shares }) => shares));
  const lines = rows.map(({ name, shares, text }) => {
    const bars = shares.map(
      (share, index) =>
        `<span class="level level-${index}" style="width:${((share / most) * 100).toFixed(2)}%"></span>`,
    );
    return `<tr><th scope="row" title="${escaped(name)}"><div>${escaped(name === "" ? "(empty)" : name)}</div></th><td class="levels">${bars.join("")}</td><td class="value">${escaped(text)}</td></tr>`;
  });
  return `<table class="bars">${lines.join("")}</table>`;
}

const style = `
:root{--ink:#1b1f24;--soft:#5f6670;--line:#d9dde3;--paper:#fff;--back:#f5f6f8;--bar:#2f6fb0;--other:#d98324;--bad:#b2182b;--good:#22783c}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#9aa3af;--line:#3a4049;--paper:#1d2127;--back:#14171b;--bar:#6ba3dd;--other:#e5a055;--bad:#ef7782;--good:#6cc287}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:14px/1.45 system-ui,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif}
header{padding:24px 24px 4px}h1{margin:0;font-size:22px}header p{margin:4px 0 0;color:var(--soft)}
main{padding:16px 24px 40px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(340px,1fr));gap:16px;align-items:start}
.card{background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:14px 16px;min-width:0}
.card.bad{border-color:var(--bad)}
h2{margin:0 0 8px;font-size:15px;overflow-wrap:anywhere}h2 small{color:var(--soft);font-weight:400;margin-left:6px}
dl{display:grid;grid-template-columns:repeat(3,1fr);gap:6px 8px;margin:10px 0 0}dt{white-space:nowrap;color:var(--soft);font-size:12px}dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.chart{width:100%;height:96px;display:block}.bar{fill:var(--bar)}.axis{stroke:var(--line);stroke-width:2}
.ends{display:flex;justify-content:space-between;color:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
.bars{width:100%;border-collapse:collapse;table-layout:fixed}.bars th{width:40%;text-align:left;font-weight:400;padding:2px 8px 2px 0}.bars th div{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden;overflow-wrap:anywhere}
.levels{vertical-align:middle}.level{display:block;height:9px;border-radius:2px;background:var(--bar);min-width:1px;margin:1px 0}.level-1{background:var(--other)}.bars .value{width:37%;text-align:right;font-variant-numeric:tabular-nums;color:var(--soft);white-space:nowrap;padding-left:8px;font-size:12px}
.note{margin:0 0 16px;padding:10px 14px;border-radius:8px;border:1px solid var(--line);background:var(--paper)}.note.bad{border-color:var(--bad)}.bad strong{color:var(--bad)}.note.good{border-color:var(--good)}.good strong{color:var(--good)}
.list{width:100%;border-collapse:collapse;background:var(--paper)}.list th,.list td{text-align:left;padding:7px 12px;border:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}.list th{color:var(--soft);font-weight:600}
.scroll{overflow-x:auto;margin-bottom:16px}.key span{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 6px 0 14px;background:var(--bar)}.key span+span,.key .after{background:var(--other)}
`;
