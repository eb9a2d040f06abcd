import { readFileSync } from "node:fs";

/** The version of this command, as its package says it. */
export function ownVersion(): string {
  const { url } = import.meta;
  // Bundled, this code lies in dist/chunks/.
  const manifest = new URL(url.includes("/chunks/") ? "../../package.json" : "../package.json", url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
