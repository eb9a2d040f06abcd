import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { addCommand, type Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";

export function addInitCommand(program: Command): void {
  addCommand(program, {
    usage: "init [directory]",
    summary: "Make a directory a Tenon project, with a pipeline to begin from",
    details: "Writes tenon.yaml, pipeline.ts and lines of .gitignore; what is there already is left as it is.",
    examples: ["tenon init", "tenon init my-project"],
    json: true,
    run: (invocation, directory) => initialise(invocation, directory ?? "."),
  });
}

interface Outcome {
  readonly file: string;
  readonly outcome: "written" | "extended" | "left as it is";
}

async function initialise(invocation: Invocation, target: string): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const root = resolve(directory, target);
  const { colors, symbols } = terminal;
  const name = projectName(root);
  const outcomes: Outcome[] = [
    await writeIfAbsent(root, "tenon.yaml", configuration(name)),
    await writeIfAbsent(root, "package.json", packageJson(name)),
    await writeIfAbsent(root, "pipeline.ts", examplePipeline),
    await addLines(root, ".gitignore", [".tenon/", "node_modules/"]),
  ];
  if (options.json) {
    terminal.printJson({ root, files: outcomes });
    return undefined;
  }
  for (const { file, outcome } of outcomes) {
    const sign = outcome === "left as it is" ? colors.dim(symbols.waiting) : colors.green(symbols.done);
    terminal.print(`${sign} ${file.padEnd(12)} ${colors.dim(outcome)}`);
  }
  const place = relative(directory, root);
  const { missing, command } = await missingPackages(root);
  terminal.print();
  terminal.print("Next:");
  if (place !== "") terminal.print(`  cd ${place}`);
  if (missing.length > 0) terminal.print(`  ${command}`);
  terminal.print("  npx tenon run pipeline.ts");
  return undefined;
}

async function missingPackages(root: string): Promise<{ missing: string[]; command: string }> {
  const { installCommand, commandLine, packageManagerOf } = await import("@tenon/core/internal");
  const wanted = ["@tenon/core", "@tenon/plugin-local", "tenon", "zod"];
  const declared = await dependencies(root);
  const missing = wanted.filter((name) => !declared.has(name));
  const packages = missing.map((name) => ({ name }));
  return { missing, command: commandLine(installCommand(packageManagerOf(root), packages)) };
}

/** Integrations count only if the project itself names them. */
async function dependencies(root: string): Promise<Set<string>> {
  try {
    const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    return new Set(Object.keys({ ...manifest.dependencies, ...manifest.devDependencies }));
  } catch {
    return new Set();
  }
}

async function writeIfAbsent(root: string, file: string, text: string): Promise<Outcome> {
  await mkdir(root, { recursive: true });
  try {
    await writeFile(join(root, file), text, { flag: "wx" });
    return { file, outcome: "written" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return { file, outcome: "left as it is" };
  }
}

async function addLines(root: string, file: string, lines: readonly string[]): Promise<Outcome> {
  const path = join(root, file);
  const text = await readFile(path, "utf8").catch(() => undefined);
  const known = new Set(text?.split(/\r?\n/).map((line) => line.trim().replace(/^\/|\/$/g, "")));
  const added = lines.filter((line) => !known.has(line.replace(/\/$/, "")));
  if (added.length === 0) return { file, outcome: "left as it is" };
  const gap = text && !text.endsWith("\n") ? "\n" : "";
  await appendFile(path, `${gap}${added.join("\n")}\n`);
  return { file, outcome: text === undefined ? "written" : "extended" };
}

/** A name that records and npm both take. */
function projectName(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return name === "" ? "project" : name;
}

function packageJson(name: string): string {
  return `${JSON.stringify({ name, private: true, type: "module" }, null, 2)}\n`;
}

function configuration(name: string): string {
  return `# yaml-language-server: $schema=./node_modules/@tenon/core/schema/tenon.schema.json
project: ${name}

# The stack that runs use. Without these lines it is the one of this machine, as written here.
# stack: local
# stacks:
#   local:
#     orchestrator: { flavor: local/local, concurrency: 4 }
#     artifactStore: { flavor: local/filesystem }
#     metadataStore: { flavor: local/sqlite }
`;
}

const examplePipeline = `import { pipeline, step } from "@tenon/core";
import { z } from "zod";

const numbers = step({
  name: "numbers",
  params: z.object({ count: z.int().positive().default(10) }),
  run: (_inputs: Record<never, never>, { params }) => Array.from({ length: params.count }, (_, index) => index + 1),
});

const sum = step("sum", ({ values }: { values: number[] }) => values.reduce((total, value) => total + value, 0));

/** Run it with: npx tenon run pipeline.ts --param numbers.count=100 */
export const example = pipeline("example", () => ({ total: sum({ values: numbers() }) }));
`;
