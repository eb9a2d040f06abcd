import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { ago, brief, moment, size } from "../terminal/format.js";
import { formatTable } from "../terminal/table.js";

export async function showArtifact(invocation: Invocation, reference: string): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { colors } = terminal;
  const artifact = await invocation.withClient((client) => client.artifacts.get(reference));
  if (options.json) {
    terminal.printJson(artifact);
    return undefined;
  }
  const { producer } = artifact;
  const facts: [string, string][] = [
    ["type", artifact.type],
    ["written by", `${artifact.materializer}, format ${artifact.format}`],
    ["size", size(artifact.size)],
    ["digest", artifact.digest],
    ["lies at", artifact.uri],
    ["made", `${moment(artifact.created)} (${ago(artifact.created)})`],
    ["by", producer ? `output ${producer.output} of step ${producer.stepId}, run ${producer.runId}` : "from outside"],
  ];
  if (artifact.removed !== undefined)
    facts.push(["removed", `${moment(artifact.removed)}, since nothing referred to it`]);
  if (artifact.elements) facts.push(["elements", String(artifact.elements.length)]);
  if (artifact.tags.length > 0) facts.push(["tags", artifact.tags.join(", ")]);
  if (artifact.visualizations.length > 0) {
    facts.push(["pictures", artifact.visualizations.map(({ name, mediaType }) => `${name} (${mediaType})`).join(", ")]);
  }
  const width = Math.max(...facts.map(([name]) => name.length));
  terminal.print(`${colors.bold(artifact.name)} version ${artifact.version}`);
  for (const [name, value] of facts) terminal.print(`  ${colors.dim(name.padEnd(width))}  ${value}`);
  const metadata = Object.entries(artifact.metadata);
  if (metadata.length > 0) {
    terminal.print();
    const rows = metadata.map(([name, value]) => [name, brief(value)]);
    terminal.print(formatTable([{ title: "METADATA" }, { title: "VALUE" }], rows, terminal));
  }
  return undefined;
}
