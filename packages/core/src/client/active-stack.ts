import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes into `tenon.yaml` which stack runs use; every other character of it stays as it is. */
export async function writeActiveStack(root: string, name: string): Promise<void> {
  const file = join(root, "tenon.yaml");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  await writeFile(file, await withStack(text, name));
}

async function withStack(text: string, name: string): Promise<string> {
  const { isMap, isScalar, parseDocument } = await import("yaml");
  const value = /^[a-z][\w.-]*$/i.test(name) ? name : JSON.stringify(name);
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}stack: ${value}\n`;
  const present = contents.items.find(({ key }) => isScalar(key) && key.value === "stack")?.value;
  const range = isScalar(present) ? present.range : undefined;
  // A document that is written in one line as { … } has no lines of its own to add to.
  if (!range && contents.flow) return text.replace("{", `{ stack: ${value},`);
  const [start, end] = range ?? [contents.range?.[0] ?? 0, contents.range?.[0] ?? 0];
  return `${text.slice(0, start)}${range ? value : `stack: ${value}\n`}${text.slice(end)}`;
}
