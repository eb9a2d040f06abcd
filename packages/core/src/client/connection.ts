import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { Kernel } from "../kernel/kernel.js";
import { openKernel } from "../kernel/open-kernel.js";
import { holdTogether } from "../kernel/stack-owner.js";
import { Ledger } from "../ledger/ledger.js";
import type { ClientOptions } from "./client.js";

/** An open project: the metadata store is there, the artifact store comes when an artifact is read. */
export interface Connection {
  readonly kernel: Kernel;
  readonly ledger: Ledger;
  vault(): Promise<ArtifactVault>;
  /** To be called before artifacts are written: says in the artifact store whose it is. */
  claim(): Promise<void>;
  close(): Promise<void>;
}

export async function connect({ directory, stack, kernel: given }: ClientOptions): Promise<Connection> {
  const kernel = given ?? (await openKernel(directory === undefined ? {} : { cwd: directory }));
  let vault: Promise<ArtifactVault> | undefined;
  try {
    const { metadataStore } = await kernel.resolveStack(stack, { kinds: ["metadataStore"] });
    const ledger = await Ledger.open(metadataStore, { project: kernel.project.name });
    return {
      kernel,
      ledger,
      vault: () => {
        vault ??= openVault(kernel, ledger, stack);
        return vault;
      },
      async claim() {
        const { name, artifactStore } = await kernel.resolveStack(stack, { kinds: ["artifactStore", "metadataStore"] });
        await holdTogether(name, artifactStore, ledger.id, { claim: true });
      },
      async close() {
        await (await vault?.catch(() => undefined))?.dispose();
        if (given === undefined) await kernel.dispose();
      },
    };
  } catch (error) {
    if (given === undefined) await kernel.dispose();
    throw error;
  }
}

async function openVault(kernel: Kernel, ledger: Ledger, stack: ClientOptions["stack"]): Promise<ArtifactVault> {
  const { ArtifactVault } = await import("../artifacts/artifact-vault.js");
  const { artifactStore } = await kernel.resolveStack(stack, { kinds: ["artifactStore", "metadataStore"] });
  const root = `${ledger.id}/${ledger.project}`;
  return new ArtifactVault({ store: artifactStore, materializers: kernel.materializers, root });
}
