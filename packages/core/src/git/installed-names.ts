import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** What a `node_modules` holds, `@acme/steps` and `.bin` too; links that lead nowhere are left out. */
export async function installedNames(modules: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await names(modules)) {
    if (entry.startsWith(".") && entry !== ".bin") continue;
    if (!entry.startsWith("@")) found.push(entry);
    else found.push(...(await names(join(modules, entry))).map((name) => `${entry}/${name}`));
  }
  return found.filter((name) => existsSync(join(modules, name)));
}

async function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
