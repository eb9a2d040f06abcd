import type { Command } from "commander";
import { addCommand, option } from "../command.js";

/** What puts runs beside each other, and repeats them. */
export function addComparingCommands(run: Command): void {
  addCommand<CompareOptions>(run, {
    usage: "compare <run> <other> [more...]",
    aliases: ["diff"],
    summary: "Compare runs: parameters, code, inputs, metadata, durations and digests",
    details: "Runs are comparable only if they were made with the same artifact and metadata stores.",
    examples: [
      "tenon run compare 01JD3X latest",
      "tenon run compare 01JD3X 01JD40 01JD41 --html comparison.html",
      "tenon run compare 01JD3X latest --differences",
    ],
    options: [
      option("--html <file>", "write a page with plots of the metadata, which opens without a network"),
      option("--differences", "leave out what is equal in all runs"),
    ],
    json: true,
    stack: true,
    run: async (invocation, ...operands) =>
      (await import("./run-compare.js")).compareRuns(
        invocation,
        operands.flat().filter((one) => one !== undefined),
      ),
  });

  addCommand<ReproduceOptions>(run, {
    usage: "reproduce <run>",
    aliases: ["replay"],
    summary: "Run the code of a run's commit on its recorded inputs, and compare what comes out",
    details:
      "The commit is checked out beside the project, under .tenon/checkouts; the working tree stays as it is. Nothing is " +
      "taken from the cache. What the run makes is named `reproduced.…`, so that nobody takes it for the latest version.",
    examples: ["tenon run reproduce 01JD3X", "tenon run reproduce latest --install --json"],
    options: [
      option("--install", "install the packages that the commit's lockfile names, if they differ from the project's"),
    ],
    json: true,
    stack: true,
    run: async (invocation, run) => (await import("./run-reproduce.js")).reproduceRun(invocation, run ?? "latest"),
  });
}

export function addCacheCommands(cache: Command): void {
  addCommand(cache, {
    usage: "explain <run> <step>",
    aliases: ["why"],
    summary: "Say why a step of a run was taken from the cache, or what differs from the nearest earlier run",
    examples: ["tenon cache explain latest fit", "tenon cache explain 01JD3X fit[3] --json"],
    json: true,
    stack: true,
    run: async (invocation, run, step) =>
      (await import("./cache-explain.js")).explainStep(invocation, run ?? "latest", step ?? ""),
  });
}

export interface CompareOptions {
  readonly html?: string;
  readonly differences?: boolean;
}

export interface ReproduceOptions {
  readonly install?: boolean;
}
