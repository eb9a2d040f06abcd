/**
 * How a project's code comes to the machines where an orchestrator starts processes. An integration of an engine takes
 * it in its configuration (`isCodeSetting` checks it) and hands it on as the `code` of its launcher; core does the rest.
 *
 * - `"shared"`: all machines see the project's directory under the same name.
 * - `"bundle"`: the files that the steps can reach are packed, stored once beside the artifacts, and unpacked there.
 *
 * @example code: { bundle: { runtime: "/opt/tenon", cache: "/scratch/tenon" } }
 */
export type CodeSetting = "shared" | "bundle" | { readonly bundle: BundleSetting };

export interface BundleSetting {
  /**
   * A directory of those machines whose `node_modules` has `@tenon/core` and the integrations of the stack's
   * stores: enough to fetch the bundle. By default the project's own directory, for machines that see it.
   */
  readonly runtime?: string;
  /** Where those machines keep what was unpacked and installed; by default `~/.cache/tenon`. */
  readonly cache?: string;
  /**
   * Which packages the code gets there: those of its lockfile, installed once for each lockfile (`install`, the default),
   * or those of the runtime, for machines that cannot install. Code without a lockfile gets the runtime's.
   */
  readonly packages?: "install" | "runtime";
  /** The program Node of those machines; by default the path of the one that submits. */
  readonly node?: string;
}

const fields = new Set(["runtime", "cache", "node", "packages"]);

export function isCodeSetting(value: unknown): value is CodeSetting {
  if (value === "shared" || value === "bundle") return true;
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "bundle") return false;
  const { bundle } = value as { bundle: unknown };
  if (typeof bundle !== "object" || bundle === null || Array.isArray(bundle)) return false;
  const { packages = "install" } = bundle as BundleSetting;
  if (packages !== "install" && packages !== "runtime") return false;
  return Object.entries(bundle).every(([name, text]) => fields.has(name) && typeof text === "string" && text !== "");
}

/** What a wrong `code` setting is told. */
export const codeSettingHint = 'it has to be "shared", "bundle", or { bundle: { runtime, cache, packages, node } }';
