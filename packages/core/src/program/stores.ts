import { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { Kernel } from "../kernel/kernel.js";
import type { ResolvedStack } from "../kernel/stack.js";
import type { StackChoice } from "../kernel/stack-choice.js";
import { holdTogether } from "../kernel/stack-owner.js";
import { Ledger } from "../ledger/ledger.js";

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
  await holdTogether(stack.name, stack.artifactStore, ledger.id, { claim: true });
  const root = `${ledger.id}/${ledger.project}`;
  return {
    stack,
    ledger,
    vault: new ArtifactVault({ store: stack.artifactStore, materializers: kernel.materializers, root }),
  };
}
