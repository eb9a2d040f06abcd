import { type PackageVersions, VersionGathering } from "./package-versions.js";

/** The packages of a `yarn.lock`, of Yarn 1 or later: both write a line of descriptors, then an indented version. */
export function packagesOfYarn(text: string): PackageVersions {
  const found = new VersionGathering();
  let name: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^[^\s#].*:$/.test(line)) name = /^"?(@?[^@",]+)@/.exec(line)?.[1];
    const version = /^ {2}version:? "?([^"]+)"?$/.exec(line)?.[1];
    if (name === undefined || version === undefined || version === "0.0.0-use.local") continue;
    found.add(name, version, false);
    name = undefined;
  }
  return found.packages;
}
