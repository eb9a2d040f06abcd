import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { integrationCases, testIntegration } from "./integration.js";
import { IntegrationSubject } from "./integration-subject.js";
import { casesThatNothingFails } from "./kit.js";

const fixtures = new URL("./broken/integrations/", import.meta.url);
const broken = readdirSync(fixtures, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "sound")
  .map(({ name }) => name);

testIntegration({ test, package: new URL("sound/", fixtures), prefix: "a sound integration" });

test("every case fails on at least one broken integration", { timeout: 120_000 }, async () => {
  const subjects = Object.fromEntries(
    broken.map((name) => [name, () => new IntegrationSubject(new URL(`${name}/`, fixtures))]),
  );
  expect(await casesThatNothingFails(integrationCases, subjects, { patience: 30_000 })).toEqual([]);
});

test.each(broken)("the broken integration '%s' fails a case", { timeout: 60_000 }, async (name) => {
  const subject = new IntegrationSubject(fileURLToPath(new URL(name, fixtures)));
  const failed: string[] = [];
  for (const one of integrationCases) {
    await one.run(subject).catch(() => failed.push(one.name));
    if (failed.length > 0) break;
  }
  expect(failed).not.toEqual([]);
});

test("a skipped case needs a reason", () => {
  const skip = { "its manifest is valid": "" };
  expect(() => testIntegration({ test: () => {}, package: new URL("sound/", fixtures), skip })).toThrow(
    /without a reason/,
  );
});
