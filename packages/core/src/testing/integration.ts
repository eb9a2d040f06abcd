import { activationCases } from "./integration-activation.js";
import { agreementCases } from "./integration-agreement.js";
import { importCases } from "./integration-import.js";
import { manifestCases } from "./integration-manifest.js";
import { IntegrationSubject } from "./integration-subject.js";
import { type ConformanceCase, registerCases, type TestFunction } from "./kit.js";

/** What an integration promises, each promise a case. */
export const integrationCases: readonly ConformanceCase<IntegrationSubject>[] = [
  ...manifestCases,
  ...agreementCases,
  ...importCases,
  ...activationCases,
];

export interface IntegrationKitOptions {
  readonly test: TestFunction;
  /** The package's directory, built: a path, or a URL such as `new URL("..", import.meta.url)`. */
  readonly package: string | URL;
  /** Case names with the reason why this integration cannot keep the promise. */
  readonly skip?: Readonly<Record<string, string>>;
  readonly prefix?: string;
}

/**
 * Certifies an integration: its manifest, that manifest and code say the same, that importing it loads nothing that
 * only some of its components need, and that it can be activated.
 *
 * @example
 * import { test } from "node:test";
 * import { testIntegration } from "@tenon/core/testing";
 * testIntegration({ test, package: new URL("..", import.meta.url) });
 */
export function testIntegration({ package: place, ...options }: IntegrationKitOptions): void {
  registerCases(integrationCases, { ...options, create: () => new IntegrationSubject(place) });
}
