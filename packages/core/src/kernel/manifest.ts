import type { Manifest, ManifestMaterializer, ProgramRequirement } from "../contracts/integration.js";
import { TenonError } from "../errors.js";
import { isRange } from "./version-range.js";

/** A manifest with everything that it may leave out put in. */
export interface CheckedManifest {
  readonly api: string;
  readonly integration: string;
  /** Flavors by kind. */
  readonly flavors: Readonly<Record<string, readonly string[]>>;
  readonly materializers: readonly ManifestMaterializer[];
  readonly kinds: readonly string[];
  readonly hooks: boolean;
  readonly requires: readonly ProgramRequirement[];
}

const reserved = new Set(["materializers", "kinds", "hooks"]);

/**
 * Checks the field `tenon` of a package. Fields that it does not know are left alone: they may be a later version's.
 *
 * @throws `INTEGRATION_MANIFEST_INVALID`, which names the field
 */
export function checkManifest(packageName: string, value: unknown): CheckedManifest {
  const check = new ManifestCheck(packageName);
  const manifest = check.object(value, "tenon") as Partial<Manifest>;
  const contributes = check.object(manifest.contributes ?? {}, "tenon.contributes") as NonNullable<
    Manifest["contributes"]
  >;
  const api = check.text(manifest.api, "tenon.api");
  if (!isRange(api)) check.fail("tenon.api", `'${api}', and has to be a range of versions such as ^1.0.0`);
  const integration = check.text(manifest.integration, "tenon.integration");
  if (!/^[a-z][a-z0-9-]*$/.test(integration)) {
    check.fail("tenon.integration", `'${integration}', and has to be lower-case letters, digits and dashes`);
  }
  const hooks = contributes.hooks ?? false;
  if (typeof hooks !== "boolean") check.fail("tenon.contributes.hooks", `${shown(hooks)}, and has to be true or false`);
  return {
    api,
    integration,
    flavors: Object.fromEntries(
      Object.entries(contributes)
        .filter(([kind]) => !reserved.has(kind))
        .map(([kind, flavors]) => [kind, check.names(flavors, `tenon.contributes.${kind}`)]),
    ),
    materializers: check
      .list(contributes.materializers ?? [], "tenon.contributes.materializers")
      .map((item, index) => check.materializer(item, `tenon.contributes.materializers[${index}]`)),
    kinds: check.names(contributes.kinds ?? [], "tenon.contributes.kinds"),
    hooks: hooks === true,
    requires: check
      .list(manifest.requires ?? [], "tenon.requires")
      .map((item, index) => check.program(item, `tenon.requires[${index}]`)),
  };
}

class ManifestCheck {
  readonly #packageName: string;

  constructor(packageName: string) {
    this.#packageName = packageName;
  }

  fail(field: string, found: string): never {
    throw new TenonError("INTEGRATION_MANIFEST_INVALID", {
      doing: `reading the manifest of '${this.#packageName}'`,
      found: `its field '${field}' is ${found}`,
      fix: "Its author has to mend its package.json; until then the integration is left out.",
      details: { package: this.#packageName, field },
    });
  }

  object(value: unknown, field: string): Record<string, unknown> {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return this.fail(field, `${shown(value)}, and has to be an object`);
  }

  text(value: unknown, field: string): string {
    if (typeof value === "string" && value !== "") return value;
    return this.fail(field, `${shown(value)}, and has to be a text`);
  }

  list(value: unknown, field: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail(field, `${shown(value)}, and has to be a list`);
  }

  names(value: unknown, field: string): readonly string[] {
    return this.list(value, field).map((item, index) => this.text(item, `${field}[${index}]`));
  }

  materializer(value: unknown, field: string): ManifestMaterializer {
    const { type, classes, writes, reads } = this.object(value, field);
    const written = this.text(writes, `${field}.writes`);
    return {
      type: this.text(type, `${field}.type`),
      classes: this.names(classes ?? [], `${field}.classes`),
      writes: written,
      reads: [...new Set([written, ...this.names(reads ?? [], `${field}.reads`)])],
    };
  }

  program(value: unknown, field: string): ProgramRequirement {
    const { program, install, for: flavors } = this.object(value, field);
    return {
      program: this.text(program, `${field}.program`),
      install: this.text(install, `${field}.install`),
      ...(flavors === undefined ? {} : { for: this.names(flavors, `${field}.for`) }),
    };
  }
}

function shown(value: unknown): string {
  if (value === undefined) return "missing";
  return Array.isArray(value) ? "a list" : typeof value === "object" ? "an object" : JSON.stringify(value);
}
