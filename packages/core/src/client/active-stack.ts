import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes into `tenon.yaml` which stack runs use; comments and everything else stay as they are. */
export async function writeActiveStack(root: string, name: string): Promise<void> {
  const { parseDocument } = await import("yaml");
  const file = join(root, "tenon.yaml");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const document = parseDocument(text);
  document.set("stack", name);
  await writeFile(file, document.toString({ lineWidth: 0 }));
}
