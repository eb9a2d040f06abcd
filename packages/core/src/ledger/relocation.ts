import { parse } from "./text.js";

/** From one prefix of locations to another. */
export interface Relocation {
  readonly from: string;
  readonly to: string;
  /** Where a location lies, for people. */
  uri(location: string): string;
}

/** A record's value with the locations that it names where they will be, and their addresses with them. */
export function relocatedText(key: string, value: string, relocation: Relocation): string {
  return JSON.stringify(relocated(parse(key, value), relocation));
}

/** The same for what was read already. */
export function relocated<T>(value: T, relocation: Relocation): T {
  return moved(value, relocation) as T;
}

function moved(value: unknown, relocation: Relocation): unknown {
  const { from, to, uri } = relocation;
  if (typeof value === "string") return value.startsWith(from) ? to + value.slice(from.length) : value;
  if (Array.isArray(value)) return value.map((item) => moved(item, relocation));
  if (typeof value !== "object" || value === null) return value;
  const result = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, moved(item, relocation)]));
  const { location } = value as { location?: unknown };
  if (typeof result.uri === "string" && typeof location === "string" && location.startsWith(from)) {
    result.uri = uri(result.location as string);
  }
  return result;
}
