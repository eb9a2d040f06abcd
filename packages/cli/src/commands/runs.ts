import type { RunQuery } from "@tenon/core/internal";
import type { Command } from "commander";
import { addCommand, type Invocation, option } from "../command.js";
import { readCount } from "../read-count.js";
import { usageError } from "../usage-error.js";
import type { ForceOptions } from "./removal.js";

/** What looks at runs that there are, and ends them. */
export function addRunCommands(run: Command): void {
  addCommand<ListOptions>(run, {
    usage: "list",
    aliases: ["ls", "history"],
    summary: "List runs, the newest first",
    examples: [
      "tenon run list",
      "tenon run list --pipeline penguins --status failed --limit 5",
      "tenon run list --json",
    ],
    options: [
      option("--pipeline <name>", "only runs of this pipeline"),
      option("--status <status>", "only runs with this status").choices([...statuses]),
      option("--tag <tag>", "only runs with this tag"),
      option("--model <name>", "only runs that made or used a version of this model"),
      option("--artifact <artifact>", "only runs that made or took this artifact, `name` or `name@version`"),
      option("--since <time>", "only runs from then on, for example `2026-03-01`").argParser(readTime("--since")),
      option("--until <time>", "only runs before then").argParser(readTime("--until")),
      option("--before <run>", "only runs older than this one, for the next page"),
      option("--limit <count>", "at most so many").default("20"),
    ],
    json: true,
    stack: true,
    run: async (invocation) => {
      const { listRuns } = await import("./run-list.js");
      const { before, limit } = invocation.options;
      const page = { limit: readCount("--limit", limit), ...(before === undefined ? {} : { after: before }) };
      return listRuns(invocation, readFilter(invocation), page);
    },
  });

  addCommand<FollowOptions>(run, {
    usage: "show [run]",
    aliases: ["describe", "get", "status"],
    summary: "Show a run: its steps, parameters, artifacts and errors",
    details: "A run is named by its id, by the beginning of its id, or as `latest`, which is meant if nothing is said.",
    examples: ["tenon run show", "tenon run show 01JD3X --follow", "tenon run show latest --json"],
    options: [option("--follow", "first watch the run until it has ended")],
    json: true,
    stack: true,
    run: async (invocation, run) => {
      if (invocation.options.follow)
        return (await import("./run-attach.js")).followAndShow(invocation, run ?? "latest");
      return (await import("./run-show.js")).showRun(invocation, run ?? "latest");
    },
  });

  addCommand(run, {
    usage: "attach [run]",
    aliases: ["watch", "follow"],
    summary: "Watch a run until it has ended, wherever it is driven",
    details: "Ctrl-C ends the watching, not the run: `tenon run cancel` does that. The exit code is that of the run.",
    examples: ["tenon run attach", "tenon run attach 01JD3X --stack prod"],
    json: true,
    stack: true,
    run: async (invocation, run) => (await import("./run-attach.js")).attachRun(invocation, run ?? "latest"),
  });

  addCommand<LogOptions>(run, {
    usage: "logs [run] [step]",
    aliases: ["log"],
    summary: "Print what the steps of a run wrote",
    details:
      "Logs of steps that an engine ran on other machines come from the stack, those of this machine from its files.",
    examples: ["tenon run logs", "tenon run logs 01JD3X fit", "tenon run logs --follow"],
    options: [
      option("--step <id>", "only this step, the same as naming it after the run"),
      option("--follow", "go on with what is written, until the run has ended"),
    ],
    json: true,
    stack: true,
    run: async (invocation, run, step) =>
      (await import("./run-logs.js")).printLogs(invocation, run ?? "latest", step ?? invocation.options.step),
  });

  addCommand(run, {
    usage: "cancel [run]",
    aliases: ["stop", "kill"],
    summary: "Cancel a run that is going on, here or in another process",
    examples: ["tenon run cancel 01JD3X"],
    json: true,
    stack: true,
    run: async (invocation, run) => (await import("./run-cancel.js")).cancelRun(invocation, run ?? "latest"),
  });
}

export interface FollowOptions {
  readonly follow?: boolean;
}

export interface LogOptions extends FollowOptions {
  readonly step?: string;
}

/** What takes runs away. */
export function addRunRemoval(run: Command): void {
  addCommand<ForceOptions & Omit<ListOptions, "limit">>(run, {
    usage: "delete [runs...]",
    aliases: ["rm", "remove"],
    summary: "Delete the records of runs, and this machine's logs of them",
    details:
      "What the runs made stays until `tenon gc` finds that nothing else refers to it. Runs that go on are not deleted. " +
      "Without --yes the command only says what it would delete.",
    examples: [
      "tenon run delete 01JD3X --yes",
      "tenon run delete --pipeline penguins --status failed --until 2026-03-01",
    ],
    options: [
      option("--pipeline <name>", "runs of this pipeline"),
      option("--status <status>", "runs with this status").choices(statuses.filter((one) => one !== "running")),
      option("--tag <tag>", "runs with this tag"),
      option("--until <time>", "runs before then").argParser(readTime("--until")),
      option("--yes", "do it"),
    ],
    json: true,
    stack: true,
    run: async (invocation, runs) => {
      const { deleteRuns } = await import("./removal.js");
      return deleteRuns(invocation, (runs ?? []) as readonly string[], readFilter(invocation));
    },
  });
}

export const statuses = ["running", "succeeded", "failed", "cancelled"] as const;

interface ListOptions {
  readonly pipeline?: string;
  readonly status?: (typeof statuses)[number];
  readonly tag?: string;
  readonly model?: string;
  readonly artifact?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit: string;
}

function readFilter({ options }: Invocation<Omit<ListOptions, "limit">>): RunQuery {
  const { pipeline, status, tag, model, artifact, since, until } = options;
  const given = { pipeline, status, tag, model, artifact, since, until };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as RunQuery;
}

function readTime(option: string): (text: string) => string {
  return (text) => {
    if (!Number.isNaN(Date.parse(text))) return new Date(text).toISOString();
    throw usageError(`reading ${option}`, `'${text}' is no time`, "Write for example 2026-03-01 or 2026-03-01T14:00.");
  };
}
