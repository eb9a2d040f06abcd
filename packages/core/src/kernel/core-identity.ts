import { sep } from "node:path";
import { fileURLToPath } from "node:url";
import { TenonError } from "../errors.js";

const key = Symbol.for("tenon.core");

/**
 * Notes that this copy of the core is the one of the process. Steps, tokens and errors of two copies do not know each
 * other, so a second one is refused as soon as it is imported.
 *
 * @throws `CORE_DUPLICATE`
 */
export function claimProcess(url = import.meta.url): void {
  const place = placeOf(url);
  const shared = globalThis as { [key]?: string };
  shared[key] ??= place;
  const first = shared[key];
  if (first === place) return;
  throw new TenonError("CORE_DUPLICATE", {
    doing: "loading @tenon/core",
    found: `one copy was loaded from ${first}, and a second one from ${place}`,
    fix:
      "Make @tenon/core a peer dependency of every package that uses it, install it once in the project, and install " +
      "again (npm ls @tenon/core, or pnpm why @tenon/core, shows who brings the second copy).",
    details: { first, second: place },
  });
}

/** The package's directory, whichever of its files was loaded. */
function placeOf(url: string): string {
  const path = url.startsWith("file:") ? fileURLToPath(url.split("?")[0] as string) : url;
  const end = Math.max(...["dist", "src"].map((folder) => path.lastIndexOf(`${sep}${folder}${sep}`)));
  return end === -1 ? path : path.slice(0, end);
}

/** Where this copy of the core lies. */
export const corePlace = placeOf(import.meta.url);

claimProcess();
