import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Kernel, StackCheck } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import { type ExitCode, exitCodes, isKnown } from "../exit-codes.js";
import { activeStack } from "./stack-actions.js";
import { words } from "./words.js";

interface Finding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "fault";
  readonly found: string;
  readonly fix?: string;
}

export async function runDoctor(invocation: Invocation): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  const { colors, symbols } = terminal;
  const findings: Finding[] = [];
  for await (const finding of examine(invocation)) {
    findings.push(finding);
    if (options.json) continue;
    const sign = {
      ok: colors.green(symbols.done),
      warning: colors.yellow(symbols.warning),
      fault: colors.red(symbols.failed),
    }[finding.state];
    terminal.print(`${sign} ${finding.subject.padEnd(14)} ${finding.found}`);
    if (finding.fix) terminal.print(`${" ".repeat(17)}${colors.cyan(finding.fix)}`);
  }
  if (options.json) terminal.printJson(findings);
  return findings.some(({ state }) => state === "fault") ? exitCodes.failed : undefined;
}

async function* examine({ directory, options }: Invocation): AsyncIterable<Finding> {
  yield ok("Node", `${process.versions.node} (${process.execPath})`);
  const { openKernel } = await import("@tenon/core/internal");
  let kernel: Kernel;
  try {
    kernel = await openKernel({ cwd: directory });
  } catch (error) {
    yield fault("project", error);
    return;
  }
  try {
    const { project, integrations } = kernel;
    const file = existsSync(join(project.root, "tenon.yaml")) ? "tenon.yaml" : "no tenon.yaml, which is fine";
    yield ok("project", `${project.name} in ${project.root} (${file})`);
    yield* packages(project.root);
    yield* integrationFindings(integrations);
    yield* stackFindings(kernel, options.stack);
  } finally {
    await kernel.dispose();
  }
}

/** Which core a pipeline of this project gets, and whether it is the one that this command runs. */
function* packages(root: string): Iterable<Finding> {
  const fromProject = resolveFrom(join(root, "package.json"));
  const own = resolveFrom(import.meta.url);
  if (fromProject === undefined) {
    yield {
      subject: "core",
      state: "fault",
      found: "@tenon/core is not among the project's packages, so its pipelines cannot import it",
      fix: "Install it: npm install @tenon/core @tenon/plugin-local tenon zod.",
    };
  } else if (own !== undefined && fromProject !== own) {
    yield {
      subject: "core",
      state: "fault",
      found: `this command runs on ${own}, the project's pipelines on ${fromProject}`,
      fix: "Install tenon in the project, and run npx tenon there.",
    };
  } else {
    yield ok("core", `one copy, ${fromProject}`);
  }
}

function resolveFrom(from: string): string | undefined {
  try {
    return createRequire(from)
      .resolve("@tenon/core/package.json")
      .replace(/[\\/]package\.json$/, "");
  } catch {
    return undefined;
  }
}

async function* integrationFindings(integrations: Kernel["integrations"]): AsyncIterable<Finding> {
  for (const one of integrations.list()) {
    if (one.fault) {
      yield fault(one.name, one.fault);
      continue;
    }
    const report = await integrations.check(one.name);
    for (const found of report.faults) yield fault(one.name, found);
    const lacking = report.components.filter(({ faults }) => faults.length > 0);
    for (const { kind, flavor, faults } of lacking) {
      // A component that no stack uses may well lack its packages: that is the point of them being optional.
      const [first] = faults;
      if (first)
        yield { ...fault(one.name, first), state: "warning", found: `${words(kind)} ${flavor}: ${first.found}` };
    }
    if (report.usable) yield ok(one.name, `${one.packageName} ${one.version ?? ""}`);
  }
  for (const name of integrations.discovery.missing) {
    yield { subject: "packages", state: "warning", found: `${name} is a dependency and is not installed` };
  }
}

async function* stackFindings(kernel: Kernel, asked: string | undefined): AsyncIterable<Finding> {
  const { checkStack } = await import("@tenon/core/internal");
  let checked: StackCheck;
  try {
    checked = await checkStack(kernel, asked ?? activeStack(kernel.project.config));
  } catch (error) {
    yield fault("stack", error);
    return;
  }
  const { name, components, faults, probes } = checked;
  const flavors = Object.values(components).map(({ flavor }) => flavor);
  if (faults.length === 0) yield ok("stack", `${name}: ${flavors.join(", ")}`);
  for (const one of faults) yield fault("stack", one);
  for (const [kind, findings] of Object.entries(probes)) {
    const failed = findings.flatMap(({ error }) => (error === undefined ? [] : [fault(words(kind), error)]));
    yield* failed.length > 0 ? failed : [ok(words(kind), "was tried, and can be used")];
  }
}

function ok(subject: string, found: string): Finding {
  return { subject, state: "ok", found };
}

function fault(subject: string, error: unknown): Finding {
  if (!isKnown(error)) throw error;
  const found = `${error.code}  ${error.found}`;
  return { subject, state: "fault", found, ...(error.fix ? { fix: error.fix } : {}) };
}
