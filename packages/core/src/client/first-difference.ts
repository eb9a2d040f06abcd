import { type DifferingByte, findDifferingByte } from "./differing-byte.js";
import { JsonPosition, jsonDifference } from "./json-difference.js";
import { TextPosition } from "./text-position.js";

/** The files of an artifact, as an `ArtifactReader` has them. */
export interface ComparableFiles {
  readonly format: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
  stream(path: string): AsyncIterable<Uint8Array>;
}

/** Where two artifacts begin to differ. Excerpts are at most some hundred characters long; an absent one: nothing is there. */
export type FirstDifference =
  | { readonly kind: "format"; readonly left: string; readonly right: string }
  | { readonly kind: "file"; readonly file: string; readonly only: "left" | "right" }
  | (Excerpts & { readonly kind: "json"; readonly file: string; readonly path: string; readonly line?: number })
  | (Excerpts & { readonly kind: "text"; readonly file: string; readonly line: number; readonly column: number })
  | (Excerpts & { readonly kind: "bytes"; readonly file: string; readonly offset: number });

interface Excerpts {
  readonly left?: string;
  readonly right?: string;
}

/** JSON files up to this size are compared by their values, larger ones by their text. */
const parsedUpTo = 4 * 1024 * 1024;

/**
 * The first difference of two artifacts, in the order of their files' paths: in JSON a path and both values, in text a
 * line and a column (from 1), otherwise an offset (from 0). `undefined` if all bytes are equal. Holds no more than a
 * few chunks in memory, however large the files are.
 */
export async function firstDifference(
  left: ComparableFiles,
  right: ComparableFiles,
): Promise<FirstDifference | undefined> {
  if (left.format !== right.format) return { kind: "format", left: left.format, right: right.format };
  const sizes = [left, right].map(({ files }) => new Map(files.map(({ path, size }) => [path, size])));
  const [leftSizes = new Map(), rightSizes = new Map()] = sizes;
  for (const file of [...new Set([...leftSizes.keys(), ...rightSizes.keys()])].sort()) {
    if (!leftSizes.has(file)) return { kind: "file", file, only: "right" };
    if (!rightSizes.has(file)) return { kind: "file", file, only: "left" };
    const small = Math.max(leftSizes.get(file), rightSizes.get(file)) <= parsedUpTo;
    const found = await differenceOfFile(file, left, right, small);
    if (found) return found;
  }
  return undefined;
}

async function differenceOfFile(
  file: string,
  left: ComparableFiles,
  right: ComparableFiles,
  small: boolean,
): Promise<FirstDifference | undefined> {
  const text = new TextPosition();
  const kind = kindOf(file, left.format);
  const json = kind === "json" || kind === "json lines" ? new JsonPosition(kind === "json lines") : undefined;
  const found = await findDifferingByte(left.stream(file), right.stream(file), (equal) => {
    text.feed(equal);
    json?.feed(equal);
  });
  if (!found) return undefined;
  if (kind === "json" && small) {
    const values = await Promise.all([left, right].map(async (side) => parsed(side.stream(file))));
    const difference = values[0] && values[1] && jsonDifference(values[0].value, values[1].value);
    if (difference) return { kind: "json", file, ...difference };
  }
  if (json?.isSound && !(kind === "json" && small)) {
    const { document, ...at } = json.difference(found);
    return { kind: "json", file, ...at, ...(kind === "json lines" && { line: document }) };
  }
  return kind === "bytes" || !looksLikeText(found, text)
    ? { kind: "bytes", file, offset: found.offset, ...excerpts(found, hexadecimal) }
    : { kind: "text", file, ...text.difference(found) };
}

type FileKind = "json" | "json lines" | "text" | "bytes" | "unknown";

const extensions: Readonly<Record<string, FileKind>> = {
  ...{ json: "json", geojson: "json", jsonl: "json lines", ndjson: "json lines" },
  ...{ csv: "text", tsv: "text", txt: "text", md: "text", html: "text", svg: "text", xml: "text" },
  ...{ yaml: "text", yml: "text", bin: "bytes", png: "bytes", arrow: "bytes", parquet: "bytes" },
};

function kindOf(file: string, format: string): FileKind {
  const extension = /\.([^./]+)$/.exec(file)?.[1]?.toLowerCase() ?? "";
  const name = format.split("/")[0] ?? "";
  return extensions[extension] ?? (Object.hasOwn(extensions, name) ? extensions[name] : undefined) ?? "unknown";
}

function looksLikeText({ left, right, leftIsCut, rightIsCut }: DifferingByte, text: TextPosition): boolean {
  return !text.hasZero && startsAsText(text, left, leftIsCut) && startsAsText(text, right, rightIsCut);
}

function startsAsText(text: TextPosition, after: Uint8Array, isCut: boolean): boolean {
  const bytes = Buffer.concat([text.unfinished, after]);
  if (bytes.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: isCut });
    return true;
  } catch {
    return false;
  }
}

async function parsed(stream: AsyncIterable<Uint8Array>): Promise<{ value: unknown } | undefined> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  try {
    return { value: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
  } catch {
    return undefined;
  }
}

function excerpts({ left, right }: DifferingByte, show: (bytes: Uint8Array) => string): Excerpts {
  return { ...(left.length > 0 && { left: show(left) }), ...(right.length > 0 && { right: show(right) }) };
}

function hexadecimal(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
