import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProgramRequirement } from "../contracts/integration.js";
import { TenonError } from "../errors.js";
import { packageDirectory } from "../git/package-directory.js";
import type { DiscoveredIntegration } from "./discovery.js";
import { isFile, mainModule, readPackageJson } from "./installed-package.js";
import { commandLine, installCommand, packageManagerOf } from "./package-manager.js";
import { fits, isRange } from "./version-range.js";

/** For whom something is required, and what to say about it. */
export interface RequirementSubject {
  readonly integration: DiscoveredIntegration;
  /** `artifact store gcs`; absent: the integration as a whole. */
  readonly component?: { readonly kind: string; readonly flavor: string };
  readonly projectRoot: string;
}

/** The range in which the integration's package wants another package; `undefined` if it says nothing of it. */
export function requiredRange(directory: string, name: string): string | undefined {
  const json = readPackageJson(directory);
  return json.peerDependencies?.[name] ?? json.dependencies?.[name] ?? json.optionalDependencies?.[name];
}

/** Packages that the integration cannot do without, whichever component is used. */
export function unconditionalRequirements(directory: string): readonly string[] {
  const { peerDependencies = {}, peerDependenciesMeta = {} } = readPackageJson(directory);
  return Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional !== true);
}

/**
 * Looks for a package as the integration's own code will, and compares its version; nothing of it runs.
 *
 * @returns the fault, not thrown: `REQUIREMENT_MISSING`, `REQUIREMENT_OUTDATED` or `REQUIREMENT_BROKEN`
 */
export function checkPackage(name: string, subject: RequirementSubject): TenonError | undefined {
  const { directory } = subject.integration;
  const range = requiredRange(directory, name);
  const wanted = range === undefined ? name : `${name} ${range}`;
  const installed = packageDirectory(name, directory);
  if (installed === undefined) {
    return fault("REQUIREMENT_MISSING", `it needs ${wanted}, which is not installed`, name, range, subject);
  }
  let version: string | undefined;
  try {
    const json = readPackageJson(installed);
    version = json.version;
    if (version === undefined) throw new Error("its package.json has no version");
    const hasEntry = json.exports !== undefined || json.main !== undefined;
    if (hasEntry && mainModule(installed, json) === undefined && claimsMain(json.exports)) {
      throw new Error("the file that its package.json names as its main module is not there");
    }
  } catch (cause) {
    const found = `it needs ${wanted}, which is installed in ${installed} but broken: ${messageOf(cause)}`;
    return fault("REQUIREMENT_BROKEN", found, name, range, subject, cause);
  }
  if (range === undefined || !isRange(range) || fits(version, range)) {
    return undefined;
  }
  return fault(
    "REQUIREMENT_OUTDATED",
    `it needs ${wanted}, and ${version} is installed in ${installed}`,
    name,
    range,
    subject,
  );
}

/** @returns the fault, not thrown: `REQUIREMENT_MISSING` */
export function checkProgram(requirement: ProgramRequirement, subject: RequirementSubject): TenonError | undefined {
  if (programPath(requirement.program) !== undefined) return undefined;
  return new TenonError("REQUIREMENT_MISSING", {
    doing: doing(subject),
    found: `it needs the program '${requirement.program}', which is not on the path`,
    fix: sentence(requirement.install),
    details: { integration: subject.integration.manifest.integration, program: requirement.program },
  });
}

/** Where a program lies on the path. */
export function programPath(program: string, path = process.env.PATH ?? ""): string | undefined {
  const endings = process.platform === "win32" ? ["", ...(process.env.PATHEXT ?? ".EXE;.CMD;.BAT").split(";")] : [""];
  return path
    .split(delimiter)
    .filter((directory) => directory !== "")
    .flatMap((directory) => endings.map((ending) => join(directory, program + ending)))
    .find((file) => isFile(file) && isExecutable(file));
}

/**
 * After something failed to load: the first of the packages that it requires which cannot be imported by itself, as
 * `REQUIREMENT_BROKEN`; `undefined` if it is not their fault.
 */
export async function brokenRequirement(
  names: readonly string[],
  subject: RequirementSubject,
): Promise<TenonError | undefined> {
  for (const name of names) {
    const installed = packageDirectory(name, subject.integration.directory);
    const main = installed === undefined ? undefined : mainModule(installed, readPackageJson(installed));
    if (main === undefined) continue;
    try {
      await import(/* @vite-ignore */ pathToFileURL(main).href);
    } catch (cause) {
      const range = requiredRange(subject.integration.directory, name);
      const found = `it needs ${name}, which is installed in ${installed} but broken: ${messageOf(cause)}`;
      return fault("REQUIREMENT_BROKEN", found, name, range, subject, cause);
    }
  }
  return undefined;
}

/** `artifact-store/gcs`, as `tenon integration install --for` takes it. */
export function componentPath({ kind, flavor }: { kind: string; flavor: string }): string {
  return `${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}/${flavor}`;
}

function fault(
  code: "REQUIREMENT_MISSING" | "REQUIREMENT_OUTDATED" | "REQUIREMENT_BROKEN",
  found: string,
  name: string,
  range: string | undefined,
  subject: RequirementSubject,
  cause?: unknown,
): TenonError {
  const { integration, component } = subject;
  const tenon = `tenon integration install ${integration.manifest.integration}${component ? ` --for ${componentPath(component)}` : ""}`;
  const manager = packageManagerOf(subject.projectRoot);
  const command = commandLine(
    installCommand(manager, [range === undefined || !isRange(range) ? { name } : { name, range }]),
  );
  return new TenonError(code, {
    doing: doing(subject),
    found,
    fix: `${code === "REQUIREMENT_BROKEN" ? "Install it anew" : "Run"}: ${tenon} (or ${command}).`,
    details: { integration: integration.manifest.integration, package: name, range, command, tenonCommand: tenon },
    ...(cause === undefined ? {} : { cause }),
  });
}

function doing({ integration, component }: RequirementSubject): string {
  const whole = `integration '${integration.manifest.integration}'`;
  return component === undefined ? `checking ${whole}` : `checking ${component.kind} '${component.flavor}' of ${whole}`;
}

// A package that only has subpaths, or only types, names no main module and is not broken for it.
function claimsMain(exports: unknown): boolean {
  if (exports === undefined || exports === null || typeof exports === "string" || Array.isArray(exports)) return true;
  const keys = Object.keys(exports as object);
  return keys.some((key) => key.startsWith("."))
    ? keys.includes(".")
    : keys.includes("import") || keys.includes("default");
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
