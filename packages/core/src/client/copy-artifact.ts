import { inParallel } from "../artifacts/in-parallel.js";
import { TenonError } from "../errors.js";
import type { Kernel } from "../kernel/kernel.js";
import { artifactId } from "../ledger/artifact-versions.js";
import type { ArtifactVersionRecord } from "../ledger/records.js";
import { driverAlive, driverName } from "../runtime/session.js";
import { findArtifact } from "./artifacts.js";
import { type NamedStack, type TransferOptions, TwoStacks } from "./two-stacks.js";

export interface CopyOptions extends TransferOptions {
  /** Write nothing, and say what would be. */
  readonly dryRun?: boolean;
}

/** What was copied, or would be. */
export interface CopiedArtifact {
  readonly copied: boolean;
  /** In the first stack. */
  readonly artifact: string;
  readonly from: string;
  readonly to: string;
  /** Its id there; absent in a dry run if it has yet to get one. */
  readonly id?: string;
  readonly uri?: string;
  /** In bytes. */
  readonly size: number;
  readonly digest: string;
  /** True if it was there already. */
  readonly known: boolean;
}

const elementsAtOnce = 8;

/**
 * Copies one version of an artifact to another stack, with its metadata, tags and visualizations. It gets the next number
 * there, or keeps the name of its version. A tag says where it is from, and keeps it from being collected.
 *
 * @throws `ARTIFACT_UNKNOWN`, `ARTIFACT_MISSING`, `ARTIFACT_CORRUPT`
 */
export async function copyArtifact(
  kernel: Kernel,
  from: NamedStack | undefined,
  reference: string,
  to: NamedStack,
  options: CopyOptions,
): Promise<CopiedArtifact> {
  const stacks = await TwoStacks.open(kernel, from, to);
  const artifact = await findArtifact(stacks.from.ledger, reference);
  if (artifact.removed !== undefined) throw removed(artifact, stacks.from.name);
  const known = await alreadyThere(stacks, artifact);
  const { size, digest } = artifact;
  const facts = { artifact: artifactId(artifact), from: stacks.from.name, to: stacks.to.name, size, digest };
  if (known) return { copied: false, ...facts, id: artifactId(known), uri: known.uri, known: true };
  if (options.dryRun === true) return { copied: false, ...facts, known: false };
  const made = await copy(stacks, artifact, options);
  return { copied: true, ...facts, id: artifactId(made), uri: made.uri, known: false };
}

async function alreadyThere(stacks: TwoStacks, artifact: ArtifactVersionRecord) {
  const { ledger } = stacks.to;
  const [same] = await ledger.artifactsWithContent([artifact]);
  if (same) return same;
  const moved = await ledger.artifact(artifactId(artifact));
  return moved?.digest === artifact.digest && moved.removed === undefined ? moved : undefined;
}

async function copy(stacks: TwoStacks, artifact: ArtifactVersionRecord, options: CopyOptions) {
  const { from, to } = stacks;
  // What is not named yet is garbage to a collector.
  const unlock = await to.ledger.removal.lock.take(driverName(), (driver) => driverAlive(driver) === false);
  try {
    await stacks.claim();
    const places = artifact.elements ?? [artifact];
    let [done, bytes] = [0, 0];
    const progress = () =>
      options.onProgress?.({ doing: "copying bytes", done, total: places.length, bytes, totalBytes: artifact.size });
    await inParallel(places, elementsAtOnce, async (place) => {
      options.signal?.throwIfAborted();
      await stacks.copyPlace(place, options, (count) => {
        bytes += count;
        progress();
      });
      done += 1;
      progress();
    });
    const { version, number, created: _, ...content } = stacks.there(artifact);
    const origin = `copied:${from.ledger.id}/${artifactId(artifact)}`;
    return await to.ledger.addArtifact({
      ...content,
      ...(version !== String(number) && { version }),
      tags: [...content.tags, origin],
    });
  } finally {
    await unlock();
  }
}

function removed(artifact: ArtifactVersionRecord, stack: string): TenonError {
  return new TenonError("ARTIFACT_MISSING", {
    doing: `copying ${artifactId(artifact)} from the stack '${stack}'`,
    found: `its bytes were removed on ${artifact.removed}`,
    fix: "Choose another version: tenon artifact list <name> shows them.",
  });
}
