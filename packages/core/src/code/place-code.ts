import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { TenonError } from "../errors.js";
import { unpackFiles } from "./archive.js";
import { type BundleDescription, describedIn } from "./bundle-files.js";
import { cacheError } from "./cache-error.js";
import { installedPackages } from "./install.js";
import { linkInstalled, linkRuntime } from "./link-installed.js";
import { makeOnce } from "./once.js";

export interface PlacedCode {
  /** The project's directory, with its packages. */
  readonly directory: string;
  /** True if an earlier call, of this process or another, had made it. */
  readonly cached: boolean;
}

export interface PlaceOptions {
  /** `sha256:…`, of the bundle's bytes. */
  readonly digest: string;
  readonly cache: string;
  /** Whose packages are used where none are installed. */
  readonly runtime: string;
  /** `runtime`: also if there is a lockfile. */
  readonly packages: "install" | "runtime";
  /** Called if the machine does not have the bundle yet. */
  fetch(): Promise<AsyncIterable<Uint8Array>>;
  readonly signal?: AbortSignal;
}

/**
 * Unpacks a bundle into a machine's cache and gives it its packages, each once however many processes want it.
 *
 * @throws `CODE_CORRUPT`, `CODE_NOT_INSTALLED`, and what `fetch` throws
 */
export async function placeCode(options: PlaceOptions): Promise<PlacedCode> {
  const { digest, cache, runtime, packages, fetch, signal } = options;
  const place = join(cache, "code", `${digest.replace(/^sha256:/, "")}-${surroundings(runtime, packages)}`);
  const made = await makeOnce(
    place,
    async (draft) => {
      await unpackFiles(await fetch(), draft, digest);
      const description = await describe(draft, digest);
      if (description.packages && packages === "install") {
        const known = { ...description, packages: description.packages };
        const installation = await installedPackages(known, draft, join(cache, "packages"), signal);
        await linkInstalled(installation, draft, description.packages.files.filter(isManifest));
      } else await linkRuntime(runtime, join(draft, description.path));
    },
    signal,
  ).catch((error: unknown) => {
    throw cacheError(error, cache);
  });
  return { directory: join(place, (await describe(place, digest)).path), cached: !made };
}

/** By default a user's own, on this machine. */
export function defaultCache(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tenon");
}

/** One cache may serve machines of several kinds. */
function surroundings(runtime: string, packages: PlaceOptions["packages"]): string {
  const { platform, arch, versions } = process;
  const at = existsSync(runtime) ? realpathSync(runtime) : runtime;
  return createHash("sha256")
    .update(JSON.stringify([platform, arch, versions.modules, packages, at]))
    .digest("hex")
    .slice(0, 12);
}

async function describe(directory: string, digest: string): Promise<BundleDescription> {
  const text = await readFile(join(directory, describedIn), "utf8").catch(() => "{}");
  const description = JSON.parse(text) as BundleDescription;
  if (description.format === 1) return description;
  throw new TenonError("CODE_CORRUPT", {
    doing: `opening the code ${digest}`,
    found: `its ${describedIn} is missing, or of a format that this version of Tenon does not know`,
    fix: "Use the same version of Tenon on all machines.",
  });
}

function isManifest(file: string): boolean {
  return file === "package.json" || file.endsWith("/package.json");
}
