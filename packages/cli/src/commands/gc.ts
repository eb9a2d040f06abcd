import type { Command } from "commander";
import { addCommand, option } from "../command.js";
import { readDuration } from "../read-duration.js";
import type { ForceOptions } from "./removal.js";

export function addGarbageCommand(program: Command): void {
  addCommand<ForceOptions & { olderThan?: string; takeOver?: boolean }>(program, {
    usage: "gc",
    summary: "Remove what nothing refers to any more",
    details:
      "Removes versions of artifacts that no run, no model and no tag holds, bytes that no record names, and temporary " +
      "files that killed processes have left. Runs hold what they made and what they took: delete runs first. " +
      "Runs may go on meanwhile. Without --yes it only says what it would remove.",
    examples: ["tenon gc", "tenon gc --yes", "tenon gc --yes --older-than 24h"],
    options: [
      option("--yes", "do it"),
      option("--older-than <time>", "leave alone bytes that no record names unless they are older, by default `1h`"),
      option("--take-over", "do not wait for a collector of another machine, which is no more"),
    ],
    json: true,
    stack: true,
    run: async (invocation) => {
      const { olderThan, takeOver = false } = invocation.options;
      const { removeGarbage } = await import("./removal.js");
      const age = olderThan === undefined ? {} : { olderThan: readDuration("--older-than", olderThan) };
      return removeGarbage(invocation, { takeOver, ...age });
    },
  });
}
