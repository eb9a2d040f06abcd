import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Invocation } from "../command.js";
import { usageError } from "../usage-error.js";
import type { CompareOptions } from "./comparisons.js";

export async function compareRuns(invocation: Invocation<CompareOptions>, runs: readonly string[]): Promise<undefined> {
  const { terminal, options, directory } = invocation;
  const compared = await invocation.withClient((client) => client.compareRuns(runs));
  if (options.html !== undefined) {
    const { comparePage } = await import("../compare/compare-page.js");
    const file = resolve(directory, options.html);
    await writeFile(file, await comparePage(compared)).catch((error: Error) => {
      throw usageError(
        `writing the page ${options.html}`,
        error.message,
        "Name a file in a directory that can be written.",
      );
    });
    terminal.note(`  ${file}`);
  }
  if (options.json) {
    terminal.printJson(compared);
  } else if (options.html === undefined) {
    const { compareText } = await import("../compare/compare-text.js");
    terminal.print(compareText(compared, terminal, { onlyDifferences: options.differences === true }));
  }
  return undefined;
}
