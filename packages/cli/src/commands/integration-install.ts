import { spawn } from "node:child_process";
import type { ComponentReport, IntegrationReport, TenonError, WantedPackage } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { withKernel } from "../kernel.js";
import { usageError } from "../usage-error.js";
import { printReport } from "./integration-list.js";
import type { InstallOptions } from "./integrations.js";
import { words } from "./words.js";

export async function installIntegration(
  invocation: Invocation<InstallOptions>,
  name: string,
): Promise<ExitCode | undefined> {
  const { options, directory, terminal } = invocation;
  const { installCommand, packageManagerOf } = await import("@tenon/core/internal");
  const cwd = { cwd: directory };

  const before = await withKernel(cwd, async ({ project, integrations }) => {
    const known = integrations.list().some((one) => one.name === name || one.packageName === name);
    return { root: project.root, report: known ? await integrations.check(name) : undefined };
  });
  const manager = packageManagerOf(before.root);
  const commands: (readonly string[])[] = [];
  let report = before.report;

  if (report === undefined) {
    const { packageThatHas } = await import("@tenon/core/internal");
    const packageName = packageThatHas({ integration: name }) ?? asPackageName(name);
    const command = installCommand(manager, [{ name: packageName }]);
    commands.push(command);
    if (!options.dryRun) {
      const exitCode = await runCommand(invocation, command, before.root);
      if (exitCode !== 0) return exitCodes.failed;
      name = packageName.replace(/(?<=.)@.*$/, "");
      report = await withKernel(cwd, ({ integrations }) => integrations.check(name));
    }
  }
  if (report !== undefined) {
    const wanted = wantedPackages(report, options);
    if (wanted.length > 0) {
      const command = installCommand(manager, wanted);
      commands.push(command);
      if (!options.dryRun && (await runCommand(invocation, command, before.root)) !== 0) return exitCodes.failed;
    }
    if (!options.dryRun) report = await withKernel(cwd, ({ integrations }) => integrations.check(name));
  }
  return conclude(invocation, commands, () => {
    if (report !== undefined && !options.dryRun) printReport(report, terminal);
    if (commands.length === 0) terminal.note("Nothing was missing of what was asked for.");
  });
}

export async function uninstallIntegration(
  invocation: Invocation<Pick<InstallOptions, "dryRun">>,
  name: string,
): Promise<ExitCode | undefined> {
  const { directory, options, terminal } = invocation;
  const { packageManagerOf, uninstallCommand } = await import("@tenon/core/internal");
  const { root, packageName, users } = await withKernel({ cwd: directory }, async ({ project, integrations }) => {
    const found = integrations.find(name);
    const prefix = `${found.manifest.integration}/`;
    const stacks = Object.entries(project.config.stacks ?? {});
    const users = stacks.filter(([, stack]) => Object.values(stack).some(({ flavor }) => flavor.startsWith(prefix)));
    return { root: project.root, packageName: found.packageName, users: users.map(([stack]) => stack) };
  });
  if (users.length > 0) {
    terminal.note(
      `${terminal.symbols.warning} Of the stacks in tenon.yaml, ${users.join(", ")} use it and will not work without.`,
    );
  }
  const command = uninstallCommand(packageManagerOf(root), [packageName]);
  if (!options.dryRun && (await runCommand(invocation, command, root)) !== 0) return exitCodes.failed;
  return conclude(invocation, [command], () => {});
}

async function conclude(
  { options, terminal }: Invocation<Pick<InstallOptions, "dryRun">>,
  commands: readonly (readonly string[])[],
  otherwise: () => void,
): Promise<undefined> {
  const { commandLine } = await import("@tenon/core/internal");
  if (options.json) terminal.printJson({ commands, ran: !options.dryRun });
  else if (options.dryRun) for (const command of commands) terminal.print(commandLine(command));
  otherwise();
  return undefined;
}

/** What is missing of the integration as a whole, and of the components that were asked for. */
function wantedPackages(report: IntegrationReport, { for: asked = [], all }: InstallOptions): WantedPackage[] {
  const components = all ? report.components : asked.map((path) => findComponent(path, report));
  const faults = [...report.faults, ...components.flatMap((component) => component.faults)];
  const wanted = new Map<string, WantedPackage>();
  for (const fault of faults) {
    const { package: name, range } = fault.details as { package?: string; range?: string };
    if (name !== undefined && isMissing(fault)) wanted.set(name, { name, ...(range === undefined ? {} : { range }) });
  }
  return [...wanted.values()];
}

function isMissing({ code }: TenonError): boolean {
  return code === "REQUIREMENT_MISSING" || code === "REQUIREMENT_OUTDATED" || code === "REQUIREMENT_BROKEN";
}

/** `artifact-store/gcs`, `artifactStore/gcs` or, where only one component has it, `gcs`. */
function findComponent(path: string, report: IntegrationReport): ComponentReport {
  const plain = (text: string) => text.toLowerCase().replace(/[-_ ]/g, "");
  const found = report.components.filter(
    ({ kind, flavor }) => plain(path) === plain(`${kind}/${flavor}`) || plain(path) === plain(flavor),
  );
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  const known = report.components.map(({ kind, flavor }) => `${words(kind).replaceAll(" ", "-")}/${flavor}`);
  throw usageError(
    `reading --for ${path}`,
    second === undefined
      ? `the integration '${report.name}' has no such component`
      : `the integration '${report.name}' has more than one such component`,
    known.length === 0 ? undefined : `It has ${known.join(", ")}.`,
  );
}

/** The name of an integration of others says nothing about its package, and guessing could fetch a stranger's. */
function asPackageName(name: string): string {
  if (/^@[\w.-]+\/[\w.-]+(@.+)?$/.test(name) || /^tenon-[\w.-]+(@.+)?$/.test(name)) return name;
  throw usageError(
    `installing the integration '${name}'`,
    "it is none of Tenon's own",
    "Write the whole name of its package, for example @acme/tenon-store; or install the package with your package manager.",
  );
}

async function runCommand(
  { terminal, options }: Invocation,
  command: readonly string[],
  root: string,
): Promise<number> {
  const { commandLine } = await import("@tenon/core/internal");
  terminal.note(terminal.errorColors.dim(`$ ${commandLine(command)}`));
  const [program, ...parameters] = command;
  const windows = process.platform === "win32";
  return new Promise((resolve, reject) => {
    const child = spawn(program as string, parameters, {
      cwd: root,
      // Standard output belongs to the JSON, if that was asked for.
      stdio: ["inherit", options.json ? 2 : "inherit", "inherit"],
      shell: windows,
    });
    child.on("error", (cause) => {
      reject(usageError(`running ${commandLine(command)}`, `'${program}' cannot be started (${cause.message})`));
    });
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
