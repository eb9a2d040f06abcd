import { randomUUID } from "node:crypto";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ProbeFinding } from "../contracts/probe.js";
import { TenonError } from "../errors.js";

/** In the service's words: `storage.objects.create`. */
export interface StorePermissions {
  readonly list: string;
  readonly write: string;
  readonly read: string;
  readonly delete: string;
}

const body = new TextEncoder().encode("a probe of Tenon's; it may be deleted");

/** Tries an artifact store with an object of its own, through its contract alone: what its `probe` can be. */
export async function probeArtifactStore(
  store: ArtifactStore,
  permissions: Partial<StorePermissions> = {},
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<readonly ProbeFinding[]> {
  const findings: ProbeFinding[] = [];
  const options = signal ? { signal } : {};
  const key = `tenon-probe/${randomUUID()}`;
  const attempt = async (
    tried: string,
    permission: string | undefined,
    work: () => Promise<unknown>,
  ): Promise<boolean> => {
    signal?.throwIfAborted();
    const named = permission === undefined ? {} : { permission };
    try {
      await work();
      findings.push({ tried, ...named });
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      findings.push({ tried, ...named, error: error instanceof Error ? error : new Error(String(error)) });
      return false;
    }
  };
  const listed = await attempt("listing objects", permissions.list, () => store.list("", { limit: 1, ...options }));
  const { error } = findings[0] ?? {};
  // Where nothing answers, each further try would say the same.
  if (!listed && !TenonError.is(error, "STORE_DENIED")) return findings;
  const written = await attempt("writing an object", permissions.write, () => store.write(key, body, options));
  if (!written) return findings;
  await attempt("reading it back", permissions.read, async () => {
    const pieces: Uint8Array[] = [];
    for await (const piece of store.read(key, options)) pieces.push(piece);
    if (!Buffer.concat(pieces).equals(body)) throw unsuitable(store, "other bytes come back than were written");
  });
  await attempt("writing only where nothing is", permissions.write, async () => {
    if (await store.write(key, body, { ifAbsent: true, ...options }))
      throw unsuitable(store, "the server ignores the condition that nothing may be there");
  });
  await attempt("deleting it", permissions.delete, () => store.delete(key, options));
  return findings;
}

function unsuitable(store: ArtifactStore, found: string): TenonError {
  return new TenonError("STORE_UNSUITABLE", {
    doing: `trying the artifact store with ${store.uri("tenon-probe")}`,
    found,
    fix: "Use another server, or another version of it.",
  });
}
