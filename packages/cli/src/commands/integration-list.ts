import type { IntegrationReport, ListedIntegration, TenonError } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { withKernel } from "../kernel.js";
import { errorAsJson } from "../report-error.js";
import { formatTable } from "../terminal/table.js";
import type { Terminal } from "../terminal/terminal.js";
import { words } from "./words.js";

export async function listIntegrations({ terminal, options, directory }: Invocation): Promise<ExitCode | undefined> {
  const found = await withKernel({ cwd: directory }, async (kernel) => kernel.integrations.list());
  if (options.json) {
    terminal.printJson(found.map((one) => ({ ...one, fault: one.fault && errorAsJson(one.fault) })));
  } else if (found.length === 0) {
    terminal.note("No integration is among the project's dependencies. Begin with: tenon integration install local");
  } else {
    const columns = [
      { title: "INTEGRATION" },
      { title: "VERSION" },
      { title: "PACKAGE", rank: 1 },
      { title: "BRINGS", rank: 2 },
      { title: "STATE", rank: 3 },
    ];
    terminal.print(
      formatTable(
        columns,
        found.map((one) => row(one, terminal)),
        terminal,
      ),
    );
  }
  return undefined;
}

function row(one: ListedIntegration, { colors, symbols }: Terminal): string[] {
  const flavors = Object.entries(one.flavors).map(([kind, names]) => `${words(kind)} ${names.join(", ")}`);
  const state = one.fault ? colors.red(`${symbols.failed} ${one.fault.code}`) : colors.green(`${symbols.done} found`);
  return [one.name, one.version ?? "", one.packageName, [...flavors, ...one.types].join("; "), state];
}

export async function checkIntegrations(
  { terminal, options, directory }: Invocation,
  name: string | undefined,
): Promise<ExitCode | undefined> {
  const reports = await withKernel({ cwd: directory }, async ({ integrations }) => {
    if (name !== undefined) return [await integrations.check(name)];
    return Promise.all(integrations.list().map((one) => checkListed(one, (given) => integrations.check(given))));
  });
  if (options.json) terminal.printJson(reports.map(asJson));
  else for (const report of reports) printReport(report, terminal);
  return reports.every((report) => report.usable) ? undefined : exitCodes.failed;
}

/** A broken one is a line of the report, not its end. */
async function checkListed(
  one: ListedIntegration,
  check: (name: string) => Promise<IntegrationReport>,
): Promise<IntegrationReport> {
  if (one.fault === undefined) return check(one.name);
  const { name, packageName, version = "" } = one;
  return { name, packageName, version, faults: [one.fault], components: [], usable: false };
}

export function printReport(report: IntegrationReport, terminal: Terminal): void {
  const { colors, symbols } = terminal;
  const title = `${colors.bold(report.name)}  ${colors.dim(`${report.packageName} ${report.version}`)}`;
  terminal.print(title);
  for (const fault of report.faults) printFault("", fault, terminal);
  for (const { kind, flavor, faults } of report.components) {
    const subject = `${words(kind)} ${flavor}`;
    if (faults.length === 0) terminal.print(`  ${colors.green(symbols.done)} ${subject}`);
    for (const fault of faults) printFault(`${subject}: `, fault, terminal);
  }
  if (report.usable && report.components.length === 0)
    terminal.print(`  ${colors.green(symbols.done)} nothing is missing`);
}

function printFault(subject: string, fault: TenonError, { colors, symbols, print }: Terminal): void {
  print(`  ${colors.red(symbols.failed)} ${subject}${fault.found.replace(/^it needs/, "needs")}`);
  if (fault.fix) print(`      ${colors.cyan(fault.fix.replace(/^Run: /, "run: "))}`);
}

function asJson(report: IntegrationReport): unknown {
  return {
    ...report,
    faults: report.faults.map(errorAsJson),
    components: report.components.map((one) => ({ ...one, faults: one.faults.map(errorAsJson) })),
  };
}
