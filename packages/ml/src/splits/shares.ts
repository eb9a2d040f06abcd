import { TenonError } from "@tenon/core";

/** How much of the whole each part gets: `{ train: 0.8, test: 0.2 }`, or `{ train: 4, test: 1 }`. */
export type Shares<Name extends string = string> = Readonly<Record<Name, number>>;

/** @throws `PARAMETER_INVALID` */
export function checkShares(shares: Shares): void {
  const entries = Object.entries(shares ?? {});
  const wrong = entries.find(([, share]) => !(Number.isFinite(share) && share > 0));
  if (entries.length >= 2 && !wrong) return;
  throw new TenonError("PARAMETER_INVALID", {
    doing: "reading the shares of a split",
    found: wrong
      ? `that of '${wrong[0]}' is ${wrong[1]}`
      : `there ${entries.length === 1 ? "is only one part" : "are no parts"}`,
    fix: "Give every part a share above 0, as in { train: 0.8, test: 0.2 }.",
  });
}

/** How many of so many things each part gets. */
export type Apportionment = (count: number) => readonly number[];

/**
 * Gives each part its share, rounded so that all things are given away. What is left over goes to the parts that have got least
 * until then, of equal ones to the first: so many small groups, one after the other, come to the same as one great one.
 */
export function apportionment(shares: Shares): Apportionment {
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const owed = Object.values(shares).map(() => 0);
  return (count) => {
    const exact = Object.values(shares).map((share) => (count * share) / total);
    // What is a whole number but for rounding counts as one.
    const whole = exact.map((value) => Math.floor(value + 1e-9));
    const left = count - whole.reduce((sum, value) => sum + value, 0);
    for (const [index, value] of exact.entries()) {
      owed[index] = (owed[index] as number) + value - (whole[index] as number);
    }
    // Compared in billionths, since sums of shares are not exact.
    const most = owed
      .map((value, index) => ({ index, value: Math.round(value * 1e9) }))
      .sort((one, other) => other.value - one.value || one.index - other.index);
    for (const { index } of most.slice(0, left)) {
      whole[index] = (whole[index] as number) + 1;
      owed[index] = (owed[index] as number) - 1;
    }
    return whole;
  };
}

/** Cuts a list into parts, in order. */
export function cut<T>(
  values: readonly T[],
  shares: Shares,
  apportion: Apportionment = apportionment(shares),
): Record<string, T[]> {
  const sizes = apportion(values.length);
  let start = 0;
  return Object.fromEntries(
    Object.keys(shares).map((name, index) => {
      const part = values.slice(start, start + (sizes[index] as number));
      start += part.length;
      return [name, part];
    }),
  );
}

/** The part in whose share a number from 0 to 1 lies. */
export function partAt(place: number, shares: Shares): string {
  const names = Object.keys(shares);
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  let end = 0;
  for (const name of names) {
    end += (shares[name] as number) / total;
    if (place < end) return name;
  }
  return names.at(-1) as string;
}
