import { createHash } from "node:crypto";

/** The digest that a plan is addressed by: of the bytes of its canonical text. */
export function planDigest(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
