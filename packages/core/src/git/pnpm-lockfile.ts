import { type PackageVersions, VersionGathering } from "./package-versions.js";

interface PnpmLockfile {
  readonly packages?: Readonly<Record<string, PnpmPackage | null>> | null;
  readonly snapshots?: Readonly<Record<string, PnpmPackage | null>> | null;
}

interface PnpmPackage {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
}

/** The packages of a `pnpm-lock.yaml`, or of the one that pnpm keeps of what it has installed. */
export async function packagesOfPnpm(text: string): Promise<PackageVersions> {
  const { parse } = await import("yaml");
  const lockfile = (parse(text) ?? {}) as PnpmLockfile;
  if (typeof lockfile !== "object") throw new Error("it holds no mapping");
  const optional = new Map<string, boolean>();
  for (const [key, snapshot] of Object.entries(lockfile.snapshots ?? {})) {
    const plain = withoutPeers(key);
    optional.set(plain, (optional.get(plain) ?? true) && Boolean(snapshot?.optional));
  }
  const found = new VersionGathering();
  for (const [key, entry] of Object.entries(lockfile.packages ?? {})) {
    const plain = withoutPeers(key);
    const { name, version } = split(plain);
    const mayMiss = optional.get(plain) || entry?.optional || entry?.dev || entry?.os || entry?.cpu || entry?.libc;
    found.add(name, entry?.version ?? version, Boolean(mayMiss));
  }
  return found.packages;
}

/** `a@1.0.0(react@18.0.0)` is the package `a@1.0.0` beside a certain peer; so was `/a/1.0.0_react@18.0.0`. */
function withoutPeers(key: string): string {
  const start = key.indexOf("(");
  const plain = start === -1 ? key : key.slice(0, start);
  return plain.startsWith("/") ? plain.slice(1) : plain;
}

/** `@scope/a@1.0.0`; format 5 had `@scope/a/1.0.0_peer@2.0.0`. */
function split(key: string): { name: string; version: string } {
  const at = key.indexOf("@", 1);
  const old = /^((?:@[^/]+\/)?[^/@]+)\/([^_]+)/.exec(key);
  if (old?.[1] && old[2] && (at === -1 || !key.slice(0, at).endsWith(old[1]))) return { name: old[1], version: old[2] };
  return at === -1 ? { name: key, version: "" } : { name: key.slice(0, at), version: key.slice(at + 1) };
}
