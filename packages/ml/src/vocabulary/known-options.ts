import { suggest, TenonError } from "@tenon/core";

/**
 * Refuses an option that there is not: passed over, it would leave a default where another value was meant.
 *
 * @param doing what the options are of, as a clause: `defining a register step`
 * @throws `PARAMETER_UNKNOWN`
 */
export function refuseUnknown(given: object, known: readonly string[], doing: string): void {
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TenonError("PARAMETER_UNKNOWN", {
    doing,
    found: `there is no option '${unknown}'; there ${known.length === 1 ? "is" : "are"} ${known.join(", ")}`,
    fix: suggest(unknown, known, "Leave it out.") as string,
  });
}
