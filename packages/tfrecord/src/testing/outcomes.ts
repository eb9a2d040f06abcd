import { TenonError } from "@tenon/core";

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The error with which work fails: it has to be one of Tenon's. */
export async function failure(work: Promise<unknown>): Promise<TenonError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!TenonError.is(error)) throw new Error(`expected a TenonError, not ${String(error)}`);
  return error;
}
