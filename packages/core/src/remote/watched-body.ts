import type { Body } from "../contracts/artifact-store.js";

export interface WatchedBody {
  readonly body: Body;
  /** Whether this is the error that the body itself failed with: not the store's to explain. */
  failedWith(error: unknown): boolean;
}

/** Remembers what a body failed with, so that it is handed on as it is instead of being taken for the service's. */
export function watchedBody(body: Body): WatchedBody {
  if (body instanceof Uint8Array) return { body, failedWith: () => false };
  let failure: { readonly error: unknown } | undefined;
  return {
    body: {
      [Symbol.asyncIterator]() {
        const iterator = body[Symbol.asyncIterator]();
        const fail = (error: unknown): never => {
          failure = { error };
          throw error;
        };
        return {
          next: () => iterator.next().catch(fail),
          return: async (value?: unknown) => (await iterator.return?.(value)) ?? { done: true, value: undefined },
        };
      },
    },
    failedWith: (error) => failure !== undefined && failure.error === error,
  };
}
