/**
 * A wrong command line, in the shape of core's errors. Made without core, so that a typing mistake is answered without
 * loading it.
 */
export function usageError(doing: string, found: string, fix?: string): Error {
  const sentence = `${doing.charAt(0).toUpperCase()}${doing.slice(1)}: ${found}.${fix ? ` ${fix}` : ""}`;
  const error = Object.assign(new Error(sentence), { code: "USAGE_INVALID", doing, found, fix, details: {} });
  error.name = "TenonError";
  return error;
}
