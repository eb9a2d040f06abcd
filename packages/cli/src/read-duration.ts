import { usageError } from "./usage-error.js";

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The value of an option that says how long: `90m`, `24h`, `7d`; in milliseconds. */
export function readDuration(flag: string, text: string): number {
  const found = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (found) return Number(found[1]) * units[found[2] as keyof typeof units];
  throw usageError(`reading the option ${flag}`, `'${text}' is no length of time`, "Write for example 90m, 24h or 7d.");
}
