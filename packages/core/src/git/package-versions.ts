/** The packages of a lockfile or of an installation, by name. A package may be there in several versions. */
export type PackageVersions = ReadonlyMap<string, LockedPackage>;

export interface LockedPackage {
  readonly versions: ReadonlySet<string>;
  /** It may be missing: another platform's, or one that is only for development. */
  readonly optional: boolean;
}

/** Package versions while they are gathered. */
export class VersionGathering {
  readonly packages = new Map<string, { readonly versions: Set<string>; readonly optional: boolean }>();

  /** A package may be missing if each of its entries says so. */
  add(name: string, version: string | undefined, optional: boolean): void {
    const known = this.packages.get(name) ?? { versions: new Set<string>(), optional: true };
    if (version !== undefined) known.versions.add(version);
    this.packages.set(name, { versions: known.versions, optional: known.optional && optional });
  }
}
