import { Client, type Migration, type TransferProgress } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";
import { size } from "../terminal/format.js";
import type { Terminal } from "../terminal/terminal.js";

export interface MigrateOptions {
  readonly yes?: boolean;
  readonly verify?: boolean;
  readonly skipDamaged?: boolean;
}

export interface CopyOptions {
  readonly to: string;
  readonly dryRun?: boolean;
}

export async function migrate(
  { terminal, options, directory }: Invocation<MigrateOptions>,
  from: string,
  to: string,
): Promise<ExitCode | undefined> {
  const { yes: force = false, verify = false, skipDamaged = false } = options;
  const client = new Client({ directory, stack: from });
  const progress = progressOn(terminal);
  try {
    const migration = await client.migrate(to, { force, verify, skipDamaged, onProgress: progress.show });
    progress.end();
    if (options.json) terminal.printJson(migration);
    else printMigration(terminal, migration);
  } finally {
    progress.end();
    await client.close();
  }
  return undefined;
}

function printMigration(terminal: Terminal, { moved, from, to, damaged, ...counts }: Migration): void {
  const { runs, artifacts, models, records, places, bytes } = counts;
  terminal.print(`${from} → ${to}`);
  terminal.print(`  ${counted(runs, "run")}, ${counted(artifacts, "artifact version")}, ${counted(models, "model")}`);
  terminal.print(`  records  ${records.missing} of ${records.total} ${moved ? "were" : "are"} not there yet`);
  terminal.print(`  bytes    ${size(bytes)} in ${places.missing} of ${places.total} places`);
  for (const { artifact, error } of damaged) {
    terminal.print(
      `  ${terminal.colors.yellow(terminal.symbols.warning)} without its bytes: ${artifact}  ${error.found}`,
    );
  }
  const nothing = records.missing + places.missing === 0;
  if (moved)
    terminal.note(`Moved. The stack '${from}' stays as it is; runs use the other one after: tenon stack use ${to}`);
  else terminal.note(nothing ? "Everything is there already." : "Nothing is done yet: add --yes.");
}

export async function copyArtifact(
  invocation: Invocation<CopyOptions>,
  reference: string,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { to, dryRun = false } = options;
  const progress = progressOn(terminal);
  const result = await invocation
    .withClient((client) => client.copyArtifact(reference, to, { dryRun, onProgress: progress.show }))
    .finally(progress.end);
  if (options.json) {
    terminal.printJson(result);
    return undefined;
  }
  const { artifact, id, known, copied } = result;
  if (known) terminal.print(`${artifact} is in the stack '${result.to}' already, as ${id}.`);
  else if (copied) terminal.print(`Copied ${artifact} to the stack '${result.to}' as ${id} (${size(result.size)}).`);
  else terminal.print(`Would copy ${artifact} to the stack '${result.to}' (${size(result.size)}).`);
  return undefined;
}

/** One line that is rewritten, or a line for each tenth where lines cannot be. */
function progressOn({ note, live, width }: Terminal) {
  let tenth = "";
  let drawn = false;
  return {
    show({ doing, done, total, bytes, totalBytes }: TransferProgress): void {
      if (total === 0) return;
      const amount = doing === "copying bytes" && totalBytes > 0 ? `, ${size(bytes)} of ${size(totalBytes)}` : "";
      const line = `${doing}  ${done} of ${total}${amount}`;
      if (live) {
        process.stderr.write(`\r\u001b[K${line.slice(0, width() - 1)}`);
        drawn = true;
        return;
      }
      const now = `${doing} ${Math.floor((10 * done) / total)}`;
      if (now !== tenth) note(line);
      tenth = now;
    },
    end(): void {
      if (drawn) process.stderr.write("\r\u001b[K");
      drawn = false;
    },
  };
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
