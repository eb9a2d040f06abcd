import prettyBytes from "pretty-bytes";
import prettyMilliseconds from "pretty-ms";

/** `12 ms`, `1.3 s`, `2 m 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 1 : 0)} s`;
  return prettyMilliseconds(milliseconds, { unitCount: 2, secondsDecimalDigits: 0 }).replace(/(\d)([a-z])/g, "$1 $2");
}

/** `312 B`, `1.2 MB`. */
export function size(bytes: number): string {
  return prettyBytes(bytes);
}

const spans: readonly [limit: number, divisor: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [7 * 86_400, 86_400, "day"],
];

/** `5 minutes ago`; after a week the date and time of this machine's clock. */
export function ago(iso: string, now: number = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  if (seconds < 5) return "just now";
  for (const [limit, divisor, unit] of spans) {
    if (seconds >= limit) continue;
    const count = Math.floor(seconds / divisor);
    return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
  }
  return moment(iso);
}

/** `2026-03-01 14:05`, by this machine's clock. */
export function moment(iso: string): string {
  const date = new Date(iso);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** A value on one line: `344`, `0.97`, `[3, 4]`, `{"a":1}`. */
export function brief(value: unknown, limit = 60): string {
  if (typeof value === "number") return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/\s+/g, " ");
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
