import type { ArtifactStore } from "../contracts/artifact-store.js";
import type { ArtifactVault } from "./artifact-vault.js";

/** A vault of the built-in materializers alone, for programs that look at or measure a store without a kernel. */
export async function openVault(options: {
  readonly store: ArtifactStore;
  readonly root: string;
}): Promise<ArtifactVault> {
  const [{ ArtifactVault }, { builtInSource }] = await Promise.all([
    import("./artifact-vault.js"),
    import("./built-in-source.js"),
  ]);
  return new ArtifactVault({ ...options, materializers: builtInSource() });
}
