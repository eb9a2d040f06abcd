import type { ReadRun, RunQuery } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { ago, duration } from "../terminal/format.js";
import { statusText } from "../terminal/status.js";
import { formatTable } from "../terminal/table.js";

export async function listRuns(
  invocation: Invocation,
  filter: RunQuery,
  page: { readonly limit: number; readonly after?: string },
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { items: runs } = await invocation.withClient((client) => client.runs.list(filter).page(page));
  if (options.json) {
    terminal.printJson(runs);
  } else if (runs.length === 0) {
    const filtered = Object.keys(filter).length > 0 || page.after !== undefined;
    terminal.note(filtered ? "No run fits." : "There are no runs yet. Start one with: tenon run <file.ts>");
  } else {
    terminal.print(
      formatTable(
        [
          { title: "RUN" },
          { title: "PIPELINE" },
          { title: "STATUS" },
          { title: "TIME", align: "right", rank: 2 },
          { title: "STARTED", rank: 3 },
          { title: "STACK", rank: 1 },
          { title: "TAGS", rank: 0 },
        ],
        runs.map((run) => row(run)),
        terminal,
      ),
    );
  }
  return undefined;

  function row(run: ReadRun): string[] {
    return [
      run.id,
      run.pipeline,
      statusText(run.brokeOff ? "broke off" : run.status, terminal),
      run.durationMs === undefined ? "" : duration(run.durationMs),
      ago(run.created),
      run.stack.name,
      run.tags.join(", "),
    ];
  }
}
