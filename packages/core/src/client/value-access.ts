import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ArtifactVault } from "../artifacts/artifact-vault.js";
import type { ArtifactType } from "../contracts/artifact-type.js";
import type { ArtifactReader, Materializer, Visualization } from "../contracts/materializer.js";
import { suggest } from "../contracts/nearest.js";
import { TenonError } from "../errors.js";
import type { ArtifactVersionRecord, ElementRecord } from "../ledger/records.js";

/** Another view of the same bytes: a type, its name, or a materializer that reads their format. */
export type View<T = unknown> = string | ArtifactType<T> | Materializer<T>;

export interface LoadOptions<T = unknown> {
  readonly as?: View<T>;
  readonly signal?: AbortSignal;
}

export async function loadValue(
  vault: ArtifactVault,
  artifact: ArtifactVersionRecord,
  { as, signal }: LoadOptions,
): Promise<unknown> {
  assertThere(artifact);
  const options = signal ? { signal } : {};
  if (!isMaterializer(as)) return vault.load(artifact, as === undefined ? options : { ...options, as });
  const load = async (one: ElementRecord) => {
    if (as.reads.includes(one.format)) return as.load(await vault.reader(one, options));
    throw new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
      doing: `loading ${nameOf(artifact)} as ${as.type.name}`,
      found: `it is of format '${one.format}', and the materializer reads ${as.reads.join(", ")}`,
      fix: `Load it as ${one.type}.`,
    });
  };
  return artifact.elements ? Promise.all(artifact.elements.map(load)) : load(artifact);
}

/** @throws `ARTIFACT_MISSING`; `ARTIFACT_FORMAT_UNREADABLE` for the results of a map, which have no files of their own */
export async function openFiles(vault: ArtifactVault, artifact: ArtifactVersionRecord): Promise<ArtifactReader> {
  assertThere(artifact);
  if (!artifact.elements) return vault.reader(artifact);
  throw new TenonError("ARTIFACT_FORMAT_UNREADABLE", {
    doing: `reading the files of ${nameOf(artifact)}`,
    found: `it is a collection of ${artifact.elements.length} elements, each with files of its own`,
    fix: "Load its values, or download it into a directory.",
  });
}

export async function* streamFile(
  vault: ArtifactVault,
  artifact: ArtifactVersionRecord,
  path: string | undefined,
): AsyncIterable<Uint8Array> {
  const reader = await openFiles(vault, artifact);
  const paths = reader.files.map((file) => file.path);
  const chosen = path ?? (paths.length === 1 ? paths[0] : undefined);
  if (chosen === undefined || !paths.includes(chosen)) {
    const fix = chosen === undefined ? "Name one of them." : suggest(chosen, paths);
    throw new TenonError("ARTIFACT_UNKNOWN", {
      doing: `reading ${chosen === undefined ? "a file" : `the file '${chosen}'`} of ${nameOf(artifact)}`,
      found: `its files are ${paths.slice(0, 20).join(", ")}${paths.length > 20 ? ` and ${paths.length - 20} more` : ""}`,
      ...(fix === undefined ? {} : { fix }),
    });
  }
  yield* reader.stream(chosen);
}

/** Writes an artifact's files, verified; those of a collection into a directory for each element. Overwrites nothing. */
export async function downloadFiles(
  vault: ArtifactVault,
  artifact: ArtifactVersionRecord,
  directory: string,
): Promise<string[]> {
  assertThere(artifact);
  const written: string[] = [];
  const parts = artifact.elements?.map((element, index) => ({ element, below: String(index) })) ?? [
    { element: artifact, below: "" },
  ];
  await mkdir(directory, { recursive: true });
  for (const { element, below } of parts) {
    const reader = await vault.reader(element);
    for (const { path } of reader.files) {
      const target = join(directory, below, ...path.split("/"));
      await mkdir(dirname(target), { recursive: true });
      await pipeline(reader.stream(path), createWriteStream(target, { flags: "wx" }));
      written.push(target);
    }
  }
  return written;
}

/** @throws `ARTIFACT_UNKNOWN` if the artifact has no visualization of that name */
export async function readVisualizations(
  vault: ArtifactVault,
  artifact: ArtifactVersionRecord,
  name: string | undefined,
): Promise<Visualization[]> {
  assertThere(artifact);
  const names = artifact.visualizations.map((one) => one.name);
  if (name !== undefined && !names.includes(name)) {
    const fix = suggest(name, names);
    throw new TenonError("ARTIFACT_UNKNOWN", {
      doing: `looking for the visualization '${name}' of ${nameOf(artifact)}`,
      found: names.length === 0 ? "it has no visualizations" : `it has ${names.join(", ")}`,
      ...(fix === undefined ? {} : { fix }),
    });
  }
  const wanted = artifact.visualizations.filter((one) => name === undefined || one.name === name);
  return Promise.all(
    wanted.map(async (one) => ({
      name: one.name,
      mediaType: one.mediaType as Visualization["mediaType"],
      body: await vault.visualization({ location: artifact.location }, one.name),
    })),
  );
}

/** @throws `ARTIFACT_MISSING` for what was removed: its record stays, its bytes do not */
function assertThere(artifact: ArtifactVersionRecord): void {
  if (artifact.removed === undefined) return;
  throw new TenonError("ARTIFACT_MISSING", {
    doing: `reading ${nameOf(artifact)}`,
    found: `it was removed on ${artifact.removed}, since nothing referred to it any more`,
    fix: "Run the pipeline that made it again.",
  });
}

function nameOf({ name, version }: ArtifactVersionRecord): string {
  return `${name}@${version}`;
}

function isMaterializer(view: unknown): view is Materializer {
  return typeof view === "object" && view !== null && "reads" in view && "load" in view;
}
