import { inOrder, type Value } from "../vocabulary/row.js";
import { categoryIn } from "./operation.js";

export interface Category {
  readonly value: string | number | boolean;
  readonly name: string;
  readonly count: number;
}

/** How often each category is there, in the order of the categories: numbers by size, texts by code points. */
export function countCategories(values: readonly Value[], column: string): readonly Category[] {
  const counts = new Map<string, { value: Category["value"]; name: string; count: number }>();
  for (const value of values) {
    const name = categoryIn(value, column, "counting the categories of");
    const entry = counts.get(name);
    if (entry) entry.count += 1;
    else counts.set(name, { value: value as Category["value"], name, count: 1 });
  }
  return [...counts.values()].sort((one, other) => inOrder(one.value, other.value));
}

/** The most frequent first; equally frequent ones in their order. */
export function byCount(categories: readonly Category[]): readonly Category[] {
  return [...categories].sort((one, other) => other.count - one.count || inOrder(one.value, other.value));
}
