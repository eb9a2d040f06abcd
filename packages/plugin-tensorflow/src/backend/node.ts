import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Loads tfjs-node, which registers the backend `tensorflow`. Nobody has to install it, so that package managers that
 * isolate packages do not show it to this one: the project is asked, too.
 */
export async function loadNodeBackend(): Promise<void> {
  const name = "@tensorflow/tfjs-node";
  for (const place of [import.meta.url, join(process.cwd(), "package.json")]) {
    const require = createRequire(place);
    try {
      require.resolve(name);
    } catch {
      continue;
    }
    require(name);
    return;
  }
  throw new Error("@tensorflow/tfjs-node is not installed");
}
