import { readdir } from "node:fs/promises";
import { join } from "node:path";

export interface LogFile {
  /** The path of the file's directory below the log's, with `/`; empty for the log's own. */
  readonly run: string;
  readonly name: string;
  readonly path: string;
}

/** Event files, by run and name. TensorBoard knows them by `tfevents` in their names. */
export async function logFiles(directory: string, run = ""): Promise<LogFile[]> {
  const entries = await readdir(join(directory, run), { withFileTypes: true });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  const files: LogFile[] = [];
  for (const entry of entries) {
    const { name } = entry;
    if (entry.isFile() && name.includes("tfevents")) files.push({ run, name, path: join(directory, run, name) });
  }
  for (const entry of entries) {
    if (entry.isDirectory())
      files.push(...(await logFiles(directory, run === "" ? entry.name : `${run}/${entry.name}`)));
  }
  return files;
}
