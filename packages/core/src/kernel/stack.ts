import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ComponentKind } from "../contracts/component.js";
import type { MetadataStore } from "../contracts/metadata-store.js";
import type { Launcher, Orchestrator } from "../contracts/orchestrator.js";
import type { StackRecord } from "../ledger/records.js";
import type { KernelContainer } from "./container.js";
import type { Stack } from "./stack-definition.js";

/** A name in `tenon.yaml`, a stack in code, or the record of a stack (as a worker in another process is given it). */
export type StackChoice = string | Stack | StackRecord;

export interface StackResolveOptions {
  /** Check and create only the components of these kinds: who only reads the ledger needs no orchestrator. */
  readonly kinds?: readonly string[];
}

/** A stack that was checked and whose components exist. */
export interface ResolvedStack {
  readonly name: string;
  /** Without secrets. */
  readonly record: StackRecord;
  /** The kernel's container with the stack's components in it, each under the token of its kind. */
  readonly container: KernelContainer;
  readonly orchestrator: Orchestrator | Launcher;
  readonly artifactStore: ArtifactStore;
  readonly metadataStore: MetadataStore;
  /** @throws `TOKEN_UNBOUND` if the stack has none of that kind. */
  component<Instance>(kind: ComponentKind<Instance>): Instance;
}
