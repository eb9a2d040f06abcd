import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { TenonError } from "@tenon/core";

/** A path, a `file:` URL, or a pattern such as `data/*.csv`; or several. Relative ones start from the project's directory. */
export type Files = string | URL | readonly (string | URL)[];

/** The files that are meant, in the order of their paths. @throws `DATA_UNREADABLE` if there are none */
export async function findFiles(files: Files, directory: string): Promise<readonly string[]> {
  const { glob, isDynamicPattern } = await import("tinyglobby");
  const { access } = await import("node:fs/promises");
  const { resolve } = await import("node:path");
  const found = new Set<string>();
  for (const one of listed(files)) {
    const path = one instanceof URL ? pathOf(one) : one;
    const file = resolve(directory, path);
    const missing = await access(file).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    // A name such as `birds (1).csv` is that of a file before it is a pattern.
    if (missing === undefined) {
      found.add(file);
      continue;
    }
    const options = { cwd: directory, absolute: true, dot: false, expandDirectories: false };
    const matches = one instanceof URL || !isDynamicPattern(path) ? [] : await glob(path, options);
    if (matches.length === 0) throw none(path, directory, missing);
    for (const match of matches.sort()) found.add(match);
  }
  return [...found];
}

export function describeFiles(files: Files): string {
  return listed(files)
    .map((one) => (one instanceof URL ? basename(one.pathname) : one))
    .join(", ");
}

/** In a program without types anything may have been passed. */
function listed(files: Files): readonly (string | URL)[] {
  const list: readonly unknown[] = Array.isArray(files) ? files : [files];
  const isFile = (one: unknown): one is string | URL => (typeof one === "string" && one !== "") || one instanceof URL;
  if (list.length > 0 && list.every(isFile)) return list;
  const wrong = list.find((one) => !isFile(one));
  throw new TenonError("PARAMETER_INVALID", {
    doing: "looking for the files of a datasource",
    found: list.length === 0 ? "none is named" : `${wrong === "" ? "an empty text" : String(wrong)} is no path`,
    fix: 'Give a path, a file: URL or a pattern such as "data/*.csv", or a list of them.',
  });
}

/** @throws `DATA_UNREADABLE` for one that is not of a file */
export function pathOf(url: URL): string {
  if (url.protocol === "file:") return fileURLToPath(url);
  throw new TenonError("DATA_UNREADABLE", {
    doing: `looking for '${url.href}'`,
    found: "it is not the URL of a file",
    fix: "Fetch it, and give the path of the file, or the rows to inMemory().",
  });
}

function none(path: string, directory: string, cause?: unknown): TenonError {
  return new TenonError("DATA_UNREADABLE", {
    doing: `looking for '${path}'`,
    found: `there is no such file in ${directory}`,
    fix: "Look at the spelling; relative paths start from the directory that the project is in, or that was said.",
    details: { path, directory },
    cause,
  });
}

/** What happened while a file was read, as an error that says which. */
export function unreadable(file: string, kind: string, cause: unknown): TenonError {
  if (TenonError.is(cause)) return cause;
  const directory = (cause as { code?: unknown } | null)?.code === "EISDIR";
  return new TenonError("DATA_UNREADABLE", {
    doing: `reading ${file} as ${kind}`,
    found: directory
      ? "it is a directory"
      : (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, ""),
    ...(directory && { fix: "Name its files, by a pattern such as data/*.csv." }),
    details: { file },
    cause,
  });
}
