import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Integration } from "../contracts/integration.js";
import { mainModule, type PackageJson, readPackageJson } from "../kernel/installed-package.js";
import { shapeFault } from "../kernel/integration-faults.js";
import { type CheckedManifest, checkManifest } from "../kernel/manifest.js";

/** The package under test. Everything is read when it is asked for, so that one fault fails only the cases it concerns. */
export class IntegrationSubject {
  readonly directory: string;

  constructor(place: string | URL) {
    const path = place instanceof URL || place.startsWith("file:") ? fileURLToPath(place) : place;
    this.directory = realpathSync(resolve(path));
  }

  get packageJson(): PackageJson {
    return readPackageJson(this.directory);
  }

  get manifest(): CheckedManifest {
    const { name, tenon } = this.packageJson;
    return checkManifest(name ?? this.directory, tenon);
  }

  get mainModule(): string {
    const main = mainModule(this.directory, this.packageJson);
    if (main === undefined) throw new Error(`${this.directory} has no main module that is there (is it built?)`);
    return main;
  }

  async integration(): Promise<Integration> {
    const module = (await import(/* @vite-ignore */ pathToFileURL(this.mainModule).href)) as { default?: unknown };
    const fault = shapeFault(module.default);
    if (fault !== undefined) throw new Error(fault);
    return module.default as Integration;
  }
}
