import { TenonError } from "../errors.js";

const durationUnits: Record<string, number> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const sizeUnits: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A length of time: milliseconds, or `"500ms"`, `"5m"`, `"1h30m"`, `"2 d"`. */
export type Duration = number | string;

/** An amount of memory: bytes, or `"512MiB"`, `"4GiB"` (powers of 1024), `"4GB"` (powers of 1000). */
export type Size = number | string;

/** @returns milliseconds. @throws `STEP_INVALID` */
export function parseDuration(value: Duration, doing: string): number {
  const parsed = typeof value === "number" ? value : sumOfParts(value, durationUnits);
  if (parsed !== undefined && Number.isFinite(parsed) && parsed >= 0) return Math.round(parsed);
  throw new TenonError("STEP_INVALID", {
    doing,
    found: `${JSON.stringify(value) ?? String(value)} is not a length of time`,
    fix: 'Write milliseconds as a number, or a text such as "90s", "5m" or "1h30m".',
  });
}

/** @returns bytes. @throws `STEP_INVALID` */
export function parseSize(value: Size, doing: string): number {
  const parsed = typeof value === "number" ? value : sumOfParts(value, sizeUnits);
  if (parsed !== undefined && Number.isFinite(parsed) && parsed >= 0) return Math.round(parsed);
  throw new TenonError("STEP_INVALID", {
    doing,
    found: `${JSON.stringify(value) ?? String(value)} is not an amount of memory`,
    fix: 'Write bytes as a number, or a text such as "512MiB" or "4GiB".',
  });
}

function sumOfParts(text: string, units: Record<string, number>): number | undefined {
  if (typeof text !== "string" || !/^\s*(\d+(\.\d+)?\s*[a-z]+\s*)+$/i.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const factor = units[(unit as string).toLowerCase()];
    if (factor === undefined) return undefined;
    sum += Number(amount) * factor;
  }
  return sum;
}
