import { copyPlace } from "../artifacts/copy-place.js";
import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import type { Stack } from "../kernel/stack-definition.js";
import { holdTogether } from "../kernel/stack-owner.js";
import type { Ledger } from "../ledger/ledger.js";
import { type Relocation, relocated } from "../ledger/relocation.js";

export type NamedStack = string | Stack;

export interface StackEnd {
  readonly name: string;
  readonly ledger: Ledger;
  readonly metadata: MetadataStore;
  readonly artifacts: ArtifactStore;
}

export interface TransferOptions {
  /** Read back everything that the other stack has of it, and compare digests once more. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal;
  onProgress?(progress: TransferProgress): void;
}

/** How far it has come. */
export interface TransferProgress {
  readonly doing: "comparing" | "copying bytes" | "copying records";
  /** Of `total`: places in the artifact store, or records. */
  readonly done: number;
  readonly total: number;
  /** Copied so far. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Both stores of two stacks of one project, and where bytes of the one lie in the other. */
export class TwoStacks {
  readonly relocation: Relocation;

  private constructor(
    readonly project: string,
    readonly from: StackEnd,
    readonly to: StackEnd,
  ) {
    const root = ({ ledger }: StackEnd) => `${ledger.id}/${project}/`;
    this.relocation = { from: root(from), to: root(to), uri: (location) => to.artifacts.uri(location) };
  }

  /** @throws `STACK_MISMATCHED` if they are one; what `resolveStack` throws */
  static async open(kernel: Kernel, from: NamedStack | undefined, to: NamedStack): Promise<TwoStacks> {
    const [source, target] = [await openEnd(kernel, from), await openEnd(kernel, to)];
    if (source.ledger.id !== target.ledger.id) return new TwoStacks(kernel.project.name, source, target);
    throw new TenonError("STACK_MISMATCHED", {
      doing: `moving from the stack '${source.name}' to '${target.name}'`,
      found: "both have one metadata store",
      fix: "Choose two stacks that have nothing in common.",
    });
  }

  /** To be called before anything is written there. */
  async claim(): Promise<void> {
    const { name, artifacts, ledger } = this.to;
    await holdTogether(name, artifacts, ledger.id, { claim: true });
  }

  there<T>(value: T): T {
    return relocated(value, this.relocation);
  }

  /** False if it is there already. @throws `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT` */
  async copyPlace(
    { location, digest }: { readonly location: string; readonly digest: string },
    { verify, signal }: TransferOptions,
    onBytes?: (bytes: number) => void,
  ): Promise<boolean> {
    return await copyPlace({
      source: this.from.artifacts,
      target: this.to.artifacts,
      from: location,
      to: this.there(location),
      digest,
      ...(verify !== undefined && { verify }),
      ...(signal && { signal }),
      ...(onBytes && { onBytes }),
    });
  }
}

async function openEnd(kernel: Kernel, choice: NamedStack | undefined): Promise<StackEnd> {
  const stack = await kernel.resolveStack(choice, { kinds: ["metadataStore", "artifactStore"] });
  const { name, metadataStore: metadata, artifactStore: artifacts } = stack;
  return { name, ledger: await stack.ledger(), metadata, artifacts };
}
