import { createHash } from "node:crypto";
import type { JsonValue } from "./json.js";

/** JSON with sorted keys: equal values have equal texts. */
export function canonicalText(value: JsonValue): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** `sha256:…` of a value's canonical JSON. */
export function jsonDigest(value: JsonValue): string {
  return `sha256:${createHash("sha256").update(canonicalText(value)).digest("hex")}`;
}
