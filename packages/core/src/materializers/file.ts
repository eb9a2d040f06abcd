import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Materializer } from "../contracts/materializer.js";
import { TenonError } from "../errors.js";
import { FileArtifact, isFileArtifact } from "./paths.js";
import { describe } from "./plain-values.js";
import { file } from "./types.js";

export const materializer: Materializer<FileArtifact> = {
  type: file,
  format: "file",
  reads: ["file"],
  recognises: isFileArtifact,
  async save(value, files) {
    if (!isFileArtifact(value)) throw refused(`it is ${describe(value)}, not a fileArtifact(…)`);
    const facts = await stat(value.path).catch((cause: unknown) => {
      throw refused(`there is no file ${value.path}`, cause);
    });
    if (!facts.isFile()) throw refused(`${value.path} is not a file`);
    await files.write(value.name, createReadStream(value.path, { highWaterMark: 1 << 20 }));
  },
  async load(files) {
    const [only] = files.files;
    if (!only || files.files.length > 1) {
      throw new TenonError("ARTIFACT_CORRUPT", {
        doing: "reading a file artifact",
        found: `it has ${files.files.length} files`,
      });
    }
    return new FileArtifact(join(await files.directory(), only.path), only.path);
  },
  metadata: ({ name }) => ({ name }),
};

function refused(found: string, cause?: unknown): TenonError {
  return new TenonError("MATERIALIZER_FAILED", {
    doing: "saving a file",
    found,
    fix: "Return fileArtifact(path) with the path of a file that the step has written.",
    cause,
  });
}
