import type { ArtifactVersionRecord } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { readCount } from "../read-count.js";
import { ago, size } from "../terminal/format.js";
import { formatTable } from "../terminal/table.js";

export async function listArtifacts(
  invocation: Invocation<{ limit: string }>,
  name: string | undefined,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const limit = readCount("--limit", options.limit);
  const { items: artifacts } = await invocation.withClient(({ artifacts }) =>
    (name === undefined ? artifacts.list() : artifacts.versions(name)).page({ limit }),
  );
  if (options.json) {
    terminal.printJson(artifacts);
  } else if (artifacts.length === 0) {
    terminal.note("There are no artifacts yet. A run makes them: tenon run <file.ts>");
  } else {
    terminal.print(
      formatTable(
        [
          { title: "ARTIFACT" },
          { title: "VERSION", align: "right" },
          { title: "TYPE", rank: 2 },
          { title: "SIZE", align: "right", rank: 1 },
          { title: "MADE", rank: 3 },
          { title: "BY", rank: 0 },
        ],
        artifacts.map(row),
        terminal,
      ),
    );
  }
  return undefined;
}

function row(artifact: ArtifactVersionRecord): string[] {
  const { producer } = artifact;
  return [
    artifact.name,
    artifact.removed === undefined ? artifact.version : `${artifact.version} (removed)`,
    artifact.elements ? `${artifact.elements.length} × ${artifact.elements[0]?.type ?? artifact.type}` : artifact.type,
    size(artifact.size),
    ago(artifact.created),
    producer ? `${producer.stepId} of ${producer.runId}` : "from outside",
  ];
}
