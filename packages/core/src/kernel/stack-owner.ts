import type { ArtifactStore } from "../contracts/artifact-store.js";
import { TenonError } from "../errors.js";

const key = "tenon-owner.json";

/**
 * Holds the two stores of a stack together: the first run leaves the ledger's id in the artifact store, and a ledger with
 * another id is refused from then on.
 *
 * @throws `STACK_MISMATCHED`
 */
export async function holdTogether(
  stack: string,
  store: ArtifactStore,
  ledger: string,
  { claim }: { readonly claim: boolean },
): Promise<void> {
  let owner = await readOwner(store);
  if (owner === undefined && claim) {
    const marker = new TextEncoder().encode(`${JSON.stringify({ ledger })}\n`);
    if (await store.write(key, marker, { ifAbsent: true })) return;
    owner = await readOwner(store);
  }
  if (owner === undefined || owner === ledger) return;
  throw new TenonError("STACK_MISMATCHED", {
    doing: `bringing the stores of stack '${stack}' together`,
    found: `the artifact store (${store.uri(key)}) belongs to the metadata store with the id ${owner}, and the stack's metadata store is ${ledger}`,
    fix: "Use the metadata store that it belongs to, or give the artifact store an empty directory, bucket or prefix of its own.",
    details: { stack, owner, ledger },
  });
}

async function readOwner(store: ArtifactStore): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of store.read(key)) pieces.push(piece);
  } catch (error) {
    if (TenonError.is(error, "ARTIFACT_MISSING")) return undefined;
    throw error;
  }
  try {
    const { ledger } = JSON.parse(Buffer.concat(pieces).toString("utf8")) as { ledger?: unknown };
    if (typeof ledger === "string") return ledger;
  } catch {
    // Said below: whatever it is, Tenon did not write it.
  }
  throw new TenonError("STORE_CORRUPT", {
    doing: `reading ${store.uri(key)}`,
    found: "it does not name the ledger that the store belongs to",
    fix: "Give the artifact store an empty directory, bucket or prefix of its own.",
  });
}
