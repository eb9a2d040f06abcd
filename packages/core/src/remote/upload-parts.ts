import type { BodyPart } from "./body-parts.js";

export interface UploadPartsOptions<R> {
  /** Parts under way at once; no further one is asked for before one of them is done. */
  readonly atOnce: number;
  readonly signal?: AbortSignal | undefined;
  /** The signal fires when another part has failed as well. */
  send(part: BodyPart, signal: AbortSignal): Promise<R>;
}

/**
 * Sends parts, so many at once; resolves to what `send` said, in the order of the parts. After a failure it starts no
 * further one, stops those under way, and rejects once all have ended: nothing is sent after that.
 */
export async function uploadParts<R>(parts: AsyncIterable<BodyPart>, options: UploadPartsOptions<R>): Promise<R[]> {
  const { atOnce, signal, send } = options;
  const stop = new AbortController();
  const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const results: R[] = [];
  const underWay = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown) => {
    failure ??= { error };
    stop.abort(error);
  };
  try {
    for await (const part of parts) {
      const sent: Promise<void> = send(part, either)
        .then((result) => {
          results[part.number - 1] = result;
        })
        .catch(fail)
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
      if (underWay.size >= atOnce) await Promise.race(underWay);
      if (failure) break;
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(underWay);
  if (failure) throw failure.error;
  return results;
}
