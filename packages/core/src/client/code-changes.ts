import type { FingerprintRecord } from "../ledger/code-records.js";

/** Something that two fingerprints of a step were made of differently. */
export interface CodeChange {
  readonly field: "code" | "package" | "file" | "environment" | "compiler";
  /** `normalise in src/clean.ts`, `left-pad`, `data/rows.csv`, `THRESHOLD`. */
  readonly name: string;
  /** In words: `changed`, `is new`, `1.0.0 → 1.0.1`. */
  readonly change: string;
}

/** What differs, in words: first the code, then what it rests on. */
export function codeChanges(before: FingerprintRecord, after: FingerprintRecord): CodeChange[] {
  const made: CodeChange[] =
    before.made === after.made
      ? []
      : [
          {
            field: "compiler",
            name: "the way in which fingerprints are taken",
            change: `${before.made} → ${after.made}`,
          },
        ];
  return [
    ...changedEntries(before.code, after.code).map((entry) => ({ field: "code" as const, ...entry })),
    ...changedPackages(before.packages, after.packages),
    ...changedEntries(before.files, after.files).map((entry) => ({ field: "file" as const, ...entry })),
    ...changedEntries(before.environment, after.environment).map(({ name, change }) => ({
      field: "environment" as const,
      name,
      change:
        before.environment[name] === null
          ? "was not set"
          : after.environment[name] === null
            ? "is no longer set"
            : change,
    })),
    ...made,
  ];
}

/** `normalise in src/clean.ts changed`. */
export function describeCodeChange({ name, change }: CodeChange): string {
  return `${name} ${change}`;
}

type Entries = Readonly<Record<string, string | null>>;

function changedEntries(before: Entries, after: Entries): { name: string; change: string }[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, change: !(name in before) ? "is new" : !(name in after) ? "is gone" : "changed" }));
}

function changedPackages(before: readonly string[], after: readonly string[]): CodeChange[] {
  const [old, now] = [versions(before), versions(after)];
  return [...new Set([...old.keys(), ...now.keys()])].sort().flatMap((name) => {
    const [from, to] = [(old.get(name) ?? ["none"]).join(", "), (now.get(name) ?? ["none"]).join(", ")];
    return from === to ? [] : [{ field: "package" as const, name, change: `${from} → ${to}` }];
  });
}

function versions(packages: readonly string[]): Map<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const entry of packages) {
    const at = entry.lastIndexOf("@");
    const name = entry.slice(0, at);
    byName.set(name, [...(byName.get(name) ?? []), entry.slice(at + 1)]);
  }
  return byName;
}
