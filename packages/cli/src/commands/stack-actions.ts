import type { Configuration, Kernel } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { type ExitCode, exitCodes } from "../exit-codes.js";
import { withKernel } from "../kernel.js";
import { errorAsJson } from "../report-error.js";
import { formatTable } from "../terminal/table.js";
import { usageError } from "../usage-error.js";
import { hasFailed, printProbes, probesAsJson } from "./stack-probe.js";
import { words } from "./words.js";

/** What there is without a line of configuration. */
const builtIn = "local";

type Components = Readonly<
  Record<string, { readonly flavor: string; readonly config: Readonly<Record<string, unknown>> }>
>;

export async function listStacks({ terminal, options, directory }: Invocation): Promise<ExitCode | undefined> {
  const config = await withKernel({ cwd: directory }, async ({ project }) => project.config);
  const active = activeStack(config);
  const stacks = stackNames(config).map((name) => ({
    name,
    active: name === active,
    components: config.stacks?.[name],
  }));
  if (options.json) {
    terminal.printJson(stacks);
    return undefined;
  }
  const rows = stacks.map(({ name, active, components }) => [
    active ? terminal.colors.green("*") : "",
    name,
    components ? describeComponents(components) : "the stores and the orchestrator of this machine",
  ]);
  terminal.print(formatTable([{ title: "" }, { title: "STACK" }, { title: "COMPONENTS", rank: 0 }], rows, terminal));
  return undefined;
}

export async function showStack(invocation: Invocation, name: string | undefined): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const { colors } = terminal;
  const found = await withKernel({ cwd: directory }, async (kernel) => {
    const chosen = name ?? activeStack(kernel.project.config);
    return {
      name: chosen,
      active: chosen === activeStack(kernel.project.config),
      components: await components(kernel, chosen),
    };
  });
  if (options.json) {
    terminal.printJson(found);
    return undefined;
  }
  terminal.print(`${colors.bold(found.name)}${found.active ? colors.dim("  in use") : ""}`);
  for (const [kind, { flavor, config }] of Object.entries(found.components)) {
    terminal.print(`  ${colors.dim(words(kind))}  ${flavor}`);
    for (const [key, value] of Object.entries(config)) terminal.print(`    ${key}: ${JSON.stringify(value)}`);
  }
  return undefined;
}

/** As tenon.yaml has it; the built-in one has to be resolved to be seen. */
async function components(kernel: Kernel, name: string): Promise<Components> {
  const configured = kernel.project.config.stacks?.[name];
  return configured ?? (await kernel.resolveStack(name)).record.components;
}

export async function showCheck(invocation: Invocation, name: string | undefined): Promise<ExitCode | undefined> {
  const { terminal, options, directory, verbose } = invocation;
  const { colors, symbols } = terminal;
  const { checkStack } = await import("@tenon/core/internal");
  const result = await withKernel({ cwd: directory }, async (kernel) =>
    checkStack(kernel, name ?? activeStack(kernel.project.config)),
  );
  const { faults, probes } = result;
  const usable = faults.length === 0 && !hasFailed(probes);
  if (options.json) {
    terminal.printJson({ ...result, usable, faults: faults.map(errorAsJson), probes: probesAsJson(probes) });
  } else {
    terminal.print(colors.bold(result.name));
    for (const [kind, { flavor }] of Object.entries(result.components)) {
      terminal.print(`  ${colors.green(symbols.done)} ${words(kind)} ${flavor}`);
    }
    printProbes(terminal, probes);
    for (const fault of faults) {
      terminal.print(`  ${colors.red(symbols.failed)} ${fault.code}  ${fault.doing}: ${fault.found}`);
      if (fault.fix) terminal.print(`      ${colors.cyan(fault.fix)}`);
      if (verbose) terminal.print(colors.dim(fault.stack ?? ""));
    }
  }
  return usable ? undefined : exitCodes.failed;
}

export async function chooseStack(invocation: Invocation, name: string): Promise<ExitCode | undefined> {
  const { terminal, options, directory } = invocation;
  const { suggest, writeActiveStack } = await import("@tenon/core/internal");
  const { root, config } = await withKernel({ cwd: directory }, async ({ project }) => project);
  const known = stackNames(config);
  if (!known.includes(name)) {
    const fix = suggest(name, known, "Write it into tenon.yaml first.");
    throw usageError(`choosing the stack '${name}'`, `the stacks are ${known.join(", ")}`, fix);
  }
  await writeActiveStack(root, name);
  if (options.json) terminal.printJson({ stack: name });
  else terminal.print(`Runs of this project now use the stack ${terminal.colors.bold(name)}.`);
  return undefined;
}

export function activeStack(config: Configuration): string {
  return config.stack ?? builtIn;
}

function stackNames(config: Configuration): string[] {
  return [...new Set([builtIn, ...Object.keys(config.stacks ?? {})])];
}

function describeComponents(components: Components): string {
  return Object.entries(components)
    .map(([kind, { flavor }]) => `${words(kind)} ${flavor}`)
    .join(", ");
}
