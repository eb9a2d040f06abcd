// Writes docs/reference/cli.md from the tree of commands. Usage: node scripts/generate-cli-reference.mjs [--check]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "docs/reference/cli.md");

const text = await reference();
if (!process.argv.includes("--check")) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
} else if (readFileSync(target, "utf8") !== text) {
  console.error("docs/reference/cli.md is out of date. Run: node scripts/generate-cli-reference.mjs");
  process.exitCode = 1;
}

async function reference() {
  // Inside the package, so that what is left external is found.
  const home = join(root, "packages/cli/node_modules");
  const directory = mkdtempSync(join(home, ".reference-"));
  try {
    const entry = join(directory, "entry.js");
    writeFileSync(
      entry,
      `export { createProgram } from "../../src/program.ts"; export { renderReference } from "../../src/reference.ts";`,
    );
    const build = await rolldown({ input: entry, platform: "node", external: /^@tenon\//, logLevel: "silent" });
    const { output } = await build.write({ dir: join(directory, "chunks"), format: "esm" });
    const { createProgram, renderReference } = await import(
      pathToFileURL(join(directory, "chunks", output[0].fileName))
    );
    return renderReference(createProgram(""));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
