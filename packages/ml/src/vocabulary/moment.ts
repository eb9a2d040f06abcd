const withoutZone = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/;

/**
 * Milliseconds since 1970 of a time in ISO 8601; `NaN` for another text. One without a zone is in UTC, as a date is: in the zone of
 * the machine, equal data would be split and compared differently elsewhere.
 */
export function momentOf(text: string): number {
  return Date.parse(withoutZone.test(text) ? `${text}Z` : text);
}
