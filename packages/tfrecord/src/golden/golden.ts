import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** For tests: the path of a file that TensorFlow wrote. */
export function goldenPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(goldenPath(name)));
}

/** What the JSON file beside one says is in it. */
export function goldenContents(name: string): unknown {
  return JSON.parse(readFileSync(goldenPath(name), "utf8"));
}
