import type { Reproduction } from "@tenon/core";
import type { Terminal } from "./terminal.js";

const most = 10;

/** Which packages the code of a commit gets that are not those of its lockfile. */
export function dependencyLines(
  dependencies: NonNullable<Reproduction["dependencies"]>,
  { errorColors, symbols }: Pick<Terminal, "errorColors" | "symbols">,
): string[] {
  const { differences, used } = dependencies;
  if (differences.length === 0 || used === "those of the commit") return [];
  const shown = differences.slice(0, most).map(({ name, wanted, installed }) => {
    return `    ${name}: the commit wants ${wanted.join(", ") || "none"}, the project has ${installed.join(", ") || "none"}`;
  });
  const more = differences.length - shown.length;
  return [
    `  ${errorColors.yellow(`${symbols.warning} packages are not those of the commit's lockfile; the project's are used`)}`,
    ...shown,
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}
