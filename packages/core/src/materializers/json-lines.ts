import { isUtf8 } from "node:buffer";
import { TenonError } from "../errors.js";

const newline = 0x0a;

/** The values of a stream of JSON lines, one at a time. The last line ends with a line feed too. */
export async function* jsonLines(body: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<unknown, void> {
  let rest: Uint8Array[] = [];
  let line = 0;
  for await (const piece of body) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const tail = piece.subarray(start, end);
      line += 1;
      yield parse(rest.length > 0 ? Buffer.concat([...rest, tail]) : tail, path, line);
      rest = [];
      start = end + 1;
    }
    if (start < piece.length) rest.push(piece.subarray(start));
  }
  if (rest.length > 0) throw broken(path, line + 1, "it does not end with a line feed");
}

function parse(bytes: Uint8Array, path: string, line: number): unknown {
  if (!isUtf8(bytes)) throw broken(path, line, "it is not UTF-8");
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch (cause) {
    throw broken(path, line, "it is not JSON", cause);
  }
}

function broken(path: string, line: number, found: string, cause?: unknown): TenonError {
  return new TenonError("ARTIFACT_CORRUPT", { doing: `reading line ${line} of '${path}'`, found, cause });
}
