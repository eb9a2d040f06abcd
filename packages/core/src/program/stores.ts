import { ArtifactVault } from "../artifacts/artifact-vault.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ResolvedStack, StackChoice } from "../kernel/stack.js";
import { Ledger } from "../ledger/ledger.js";

const OWNER = "tenon-owner.json";

/** A stack in use, with what core puts on top of its stores. */
export interface Stores {
  readonly stack: ResolvedStack;
  readonly ledger: Ledger;
  readonly vault: ArtifactVault;
}

/** @throws `STACK_MISMATCHED` if the artifact store holds the artifacts of another metadata store. */
export async function openStores(
  kernel: Kernel,
  choice: StackChoice | undefined,
  kinds?: readonly string[],
): Promise<Stores> {
  const stack = await kernel.resolveStack(choice, kinds && { kinds });
  const ledger = await Ledger.open(stack.metadataStore, { project: kernel.project.name });
  await checkOwner(stack, ledger);
  const root = `${ledger.id}/${ledger.project}`;
  return { stack, ledger, vault: new ArtifactVault({ store: stack.artifactStore, materializers: kernel.materializers, root }) };
}

async function checkOwner({ artifactStore, name }: ResolvedStack, ledger: Ledger): Promise<void> {
  const body = new TextEncoder().encode(`${JSON.stringify({ ledger: ledger.id })}\n`);
  if (!(await artifactStore.stat(OWNER)) && (await artifactStore.write(OWNER, body, { ifAbsent: true }))) return;
  const chunks: Uint8Array[] = [];
  for await (const chunk of artifactStore.read(OWNER)) chunks.push(chunk);
  let owner: unknown;
  try {
    owner = (JSON.parse(Buffer.concat(chunks).toString("utf8")) as { ledger?: unknown }).ledger;
  } catch {
    owner = undefined;
  }
  if (owner === ledger.id) return;
  throw new TenonError("STACK_MISMATCHED", {
    doing: `opening the stores of stack '${name}'`,
    found: `the artifact store belongs to ledger ${String(owner)}, the metadata store is ledger ${ledger.id}`,
    fix: "Use the two stores that belong together, or an empty artifact store.",
  });
}
