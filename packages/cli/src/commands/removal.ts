import type { Garbage, GarbageOptions, RunQuery } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { ago, size } from "../terminal/format.js";
import { formatTable } from "../terminal/table.js";
import { usageError } from "../usage-error.js";

export interface ForceOptions {
  readonly yes?: boolean;
}

export async function deleteRuns(
  invocation: Invocation<ForceOptions>,
  references: readonly string[],
  query: RunQuery,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const filtered = Object.keys(query).length > 0;
  if (references.length === 0 && !filtered) {
    throw usageError(
      "deleting runs",
      "no run is named",
      "Name runs, or say which with --pipeline, --status, --tag or --until.",
    );
  }
  const force = options.yes === true;
  const runs = await invocation.withClient((client) =>
    client.runs.delete(references.length > 0 ? references : query, { force }),
  );
  if (options.json) {
    terminal.printJson(runs);
    return undefined;
  }
  if (runs.length === 0) {
    terminal.note("No run fits.");
    return undefined;
  }
  const rows = runs.map(({ id, pipeline, created }) => [id, pipeline, ago(created)]);
  terminal.print(formatTable([{ title: "RUN" }, { title: "PIPELINE" }, { title: "CREATED" }], rows, terminal));
  const count = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  terminal.note(
    force
      ? `Deleted ${count}. What they made, and nothing else refers to, is removed by: tenon gc --yes`
      : `Would delete ${count}. Nothing is done yet: add --yes.`,
  );
  return undefined;
}

export async function removeGarbage(
  invocation: Invocation<ForceOptions>,
  garbageOptions: Omit<GarbageOptions, "force">,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const force = options.yes === true;
  const garbage = await invocation.withClient((client) => client.collectGarbage({ ...garbageOptions, force }));
  if (options.json) {
    terminal.printJson(garbage);
    return undefined;
  }
  const { artifacts, temporary } = garbage;
  if (artifacts.length > 0) {
    const rows = artifacts.map(({ id, size: bytes }) => [id, size(bytes)]);
    terminal.print(formatTable([{ title: "ARTIFACT" }, { title: "SIZE", align: "right" }], rows, terminal));
  }
  for (const path of temporary) terminal.print(path);
  const nothing = artifacts.length + garbage.places + temporary.length === 0;
  terminal.note(`${summary(garbage)}${force || nothing ? "" : " Nothing is done yet: add --yes."}`);
  return undefined;
}

function summary({ removed, artifacts, places, bytes, temporary }: Garbage): string {
  if (artifacts.length + places + temporary.length === 0) return "There is nothing to remove.";
  const parts = [
    `${artifacts.length} artifact ${artifacts.length === 1 ? "version" : "versions"}`,
    `${size(bytes)} in ${places} ${places === 1 ? "place" : "places"} of the artifact store`,
    ...(temporary.length > 0 ? [`${temporary.length} temporary directories`] : []),
  ];
  return `${removed ? "Removed" : "Would remove"} ${parts.join(", ")}.`;
}
