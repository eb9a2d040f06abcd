import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Lineage, LineageDirection } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { readCount } from "../read-count.js";
import { usageError } from "../usage-error.js";

export interface LineageOptions {
  readonly direction: LineageDirection | "both";
  readonly depth?: string;
  readonly format: "tree" | "mermaid" | "svg";
  readonly output?: string;
}

export async function showLineage(
  invocation: Invocation<LineageOptions>,
  reference: string,
): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const { direction, format, output } = options;
  const depth = options.depth === undefined ? {} : { depth: readCount("--depth", options.depth) };
  const lineage = await invocation.withClient((client) => client.lineage(reference, { direction, ...depth }));
  if (options.json) {
    terminal.printJson(lineage);
    return undefined;
  }
  const text = await drawn(lineage, direction, format, terminal.symbols.done === "+");
  if (output === undefined) {
    terminal.print(text.trimEnd());
    return undefined;
  }
  await writeFile(resolve(directory, output), text, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
    throw usageError("writing the lineage", `${output} exists already`, "Name another path, or remove it first.");
  });
  terminal.note(`Wrote the lineage of ${reference} to ${output}.`);
  return undefined;
}

async function drawn(
  lineage: Lineage,
  direction: LineageOptions["direction"],
  format: LineageOptions["format"],
  ascii: boolean,
): Promise<string> {
  const { lineageMermaid, lineageSvg, lineageTree } = await import("@tenon/core/internal");
  if (format === "mermaid") return lineageMermaid(lineage);
  if (format === "svg") return lineageSvg(lineage, { focus: lineage.root });
  const trees = (["upstream", "downstream"] as const)
    .filter((one) => direction === "both" || direction === one)
    .map((one) => `${titles[one]}\n${lineageTree(lineage, lineage.root, one, { ascii })}`);
  return trees.join("\n");
}

const titles = { upstream: "Where it came from", downstream: "What became of it" };
