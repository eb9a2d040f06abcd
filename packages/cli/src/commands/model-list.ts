import type { ModelSummary, ModelVersionSummary } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { readCount } from "../read-count.js";
import { ago } from "../terminal/format.js";
import { formatTable } from "../terminal/table.js";

export async function listModels(
  invocation: Invocation<{ limit: string }>,
  name: string | undefined,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const limit = readCount("--limit", options.limit);
  if (name !== undefined) {
    const { items } = await invocation.withClient(({ models }) => models.versions(name).page({ limit }));
    if (options.json) terminal.printJson(items);
    else terminal.print(formatTable(versionColumns, items.map(versionRow), terminal));
    return undefined;
  }
  const { items } = await invocation.withClient(({ models }) => models.list().page({ limit }));
  if (options.json) terminal.printJson(items);
  else if (items.length === 0) {
    terminal.note("There are no models yet. A run makes one whose pipeline or step says model: { name }.");
  } else terminal.print(formatTable(modelColumns, items.map(modelRow), terminal));
  return undefined;
}

const modelColumns = [
  { title: "MODEL" },
  { title: "LATEST", align: "right" },
  { title: "STAGING" },
  { title: "PRODUCTION" },
  { title: "MADE", rank: 1 },
] as const;

function modelRow({ name, latest, stages }: ModelSummary): string[] {
  const holder = (stage: string) => Object.keys(stages).find((version) => stages[version] === stage) ?? "";
  return [name, latest.version, holder("staging"), holder("production"), ago(latest.created)];
}

const versionColumns = [
  { title: "MODEL" },
  { title: "VERSION", align: "right" },
  { title: "STAGE" },
  { title: "TAGS", rank: 1 },
  { title: "MADE", rank: 2 },
  { title: "BY", rank: 0 },
] as const;

function versionRow({ name, version, stage, tags, created, runId }: ModelVersionSummary): string[] {
  return [name, version, stage ?? "", tags.join(", "), ago(created), runId];
}
