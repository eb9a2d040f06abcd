import { createReadStream } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { DirectoryArtifact, isDirectoryArtifact } from "./paths.js";
import { describe } from "./plain-values.js";
import { directory } from "./types.js";

const contents = "contents";
const listing = "directories.json";

/** Files under `contents/`, and the directories that hold none in a listing. Modes and times are no part of it. */
export const materializer: Materializer<DirectoryArtifact> = {
  type: directory,
  format: "directory",
  reads: ["directory"],
  recognises: isDirectoryArtifact,

  async save(value, files) {
    if (!isDirectoryArtifact(value)) throw refused(`it is ${describe(value)}, not a directoryArtifact(…)`);
    const empty: string[] = [];
    for await (const { path, isEmptyDirectory } of walk(value.path, "")) {
      if (isEmptyDirectory) empty.push(path);
      else {
        const body = createReadStream(join(value.path, path), { highWaterMark: 1 << 20 });
        await files.write(`${contents}/${path}`, body);
      }
    }
    await files.write(listing, JSON.stringify(empty.sort()));
  },

  async load(files) {
    const root = join(await files.directory(), contents);
    await mkdir(root, { recursive: true });
    const empty: unknown = JSON.parse(await files.text(listing));
    for (const path of Array.isArray(empty) ? empty : []) {
      if (typeof path !== "string" || path.split("/").some((part) => part === "" || part === "." || part === "..")) {
        throw new TenonError("ARTIFACT_CORRUPT", {
          doing: "reading a directory artifact",
          found: `its listing names the directory ${JSON.stringify(path)}`,
        });
      }
      await mkdir(join(root, path), { recursive: true });
    }
    return new DirectoryArtifact(root);
  },
};

interface Entry {
  /** Relative, with `/`. */
  readonly path: string;
  readonly isEmptyDirectory: boolean;
}

async function* walk(root: string, under: string): AsyncGenerator<Entry, void> {
  const entries = await readdir(join(root, under), { withFileTypes: true }).catch((cause: unknown) => {
    throw refused(`${join(root, under)} cannot be read as a directory`, cause);
  });
  if (entries.length === 0 && under !== "") yield { path: under, isEmptyDirectory: true };
  for (const entry of entries) {
    const path = under === "" ? entry.name : `${under}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, path);
    else if (entry.isFile()) yield { path, isEmptyDirectory: false };
    else throw refused(`${path} is neither a file nor a directory (a symbolic link, a socket, a device)`);
  }
}

function refused(found: string, cause?: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: "saving a directory",
    found,
    fix: "Return directoryArtifact(path) with the path of a directory of plain files.",
    cause,
  });
}
