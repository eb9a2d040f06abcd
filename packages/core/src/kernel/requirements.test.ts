import { chmodSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { discover } from "./discovery.js";
import { checkPackage, checkProgram, programPath, type RequirementSubject } from "./requirements.js";
import { TemporaryProject } from "./temporary-project.js";

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject().dependingOn("plugin");
});
afterEach(() => project.remove());

const plugin = {
  tenon: { api: "^1.0.0", integration: "acme", contributes: { artifactStore: ["bucket"] } },
  peerDependencies: { sdk: "^7.1.0" },
  peerDependenciesMeta: { sdk: { optional: true } },
};

function subject(): RequirementSubject {
  const [integration] = discover(project.root, join(project.root, ".tenon")).integrations;
  if (integration === undefined) throw new Error("not found");
  return { integration, component: { kind: "artifactStore", flavor: "bucket" }, projectRoot: project.root };
}

test("what fits is no fault", () => {
  project.install("plugin", plugin).install("sdk", { version: "7.4.2" });
  expect(checkPackage("sdk", subject())).toBeUndefined();
});

test("a package that exports no package.json, and none but import, fits too", () => {
  project.install("plugin", plugin).install("sdk", { version: "7.4.2", exports: { ".": { import: "./index.js" } } });
  expect(checkPackage("sdk", subject())).toBeUndefined();
});

test("not installed: says what is needed, and the commands that mend it", () => {
  project.install("plugin", plugin);
  expect(checkPackage("sdk", subject())).toMatchObject({
    code: "REQUIREMENT_MISSING",
    message:
      "Checking artifactStore 'bucket' of integration 'acme': it needs sdk ^7.1.0, which is not installed. " +
      "Run: tenon integration install acme --for artifact-store/bucket (or npm install sdk@^7.1.0).",
  });
});

test("too old: says both versions", () => {
  project.install("plugin", plugin).install("sdk", { version: "6.9.0" });
  const fault = checkPackage("sdk", subject());
  expect(fault).toMatchObject({ code: "REQUIREMENT_OUTDATED" });
  expect(fault?.found).toMatch(/needs sdk \^7\.1\.0, and 6\.9\.0 is installed in/);
});

test.each([
  ["its package.json is no JSON", { "package.json": "{" }],
  ["it has no version", { "package.json": { name: "sdk", main: "index.js" }, "index.js": "" }],
  ["its main module is gone", { "package.json": { name: "sdk", version: "7.1.0", exports: "./lost.js" } }],
])("installed but broken: %s", (_, files) => {
  project.install("plugin", plugin).write(files, "node_modules/sdk");
  expect(checkPackage("sdk", subject())).toMatchObject({
    code: "REQUIREMENT_BROKEN",
    fix: expect.stringMatching(/^Install it anew: /),
  });
});

test("what only the project can see does not count: the integration resolves from where it really lies", () => {
  const isolated = "node_modules/.pnpm/plugin@1.0.0/node_modules";
  project.install("plugin", plugin, {}, isolated).link(`${isolated}/plugin`, "node_modules/plugin");
  project.install("sdk", { version: "7.1.0" }, {}, "project-only");
  expect(checkPackage("sdk", subject())?.code).toBe("REQUIREMENT_MISSING");
  project.install("sdk", { version: "7.1.0" }, {}, isolated);
  expect(checkPackage("sdk", subject())).toBeUndefined();
});

test.each([
  ["package-lock.json", "npm install sdk@^7.1.0"],
  ["pnpm-lock.yaml", "pnpm add sdk@^7.1.0"],
  ["yarn.lock", "yarn add sdk@^7.1.0"],
  ["bun.lock", "bun add sdk@^7.1.0"],
])("with a %s the command is %s", (lockfile, command) => {
  project.install("plugin", plugin).write({ [lockfile]: "" });
  expect(checkPackage("sdk", subject())?.details.command).toBe(command);
});

test("the field packageManager counts more than a lockfile", () => {
  project.install("plugin", plugin).write({ "package-lock.json": "" });
  const subjectBefore = subject();
  project.write({ "package.json": { name: "p", packageManager: "yarn@4.1.0", dependencies: { plugin: "*" } } });
  expect(checkPackage("sdk", subjectBefore)?.details.command).toBe("yarn add sdk@^7.1.0");
});

test("a program is looked for on the path, and how to get it is said", () => {
  project.install("plugin", plugin);
  const requirement = { program: "no-such-program", install: "Ask the administrator of the cluster" };
  expect(checkProgram(requirement, subject())).toMatchObject({
    code: "REQUIREMENT_MISSING",
    fix: "Ask the administrator of the cluster.",
  });
  project.write({ "bin/sbatch": "#!/bin/sh\n" });
  expect(programPath("sbatch", join(project.root, "bin"))).toBeUndefined();
  chmodSync(join(project.root, "bin/sbatch"), 0o755);
  expect(programPath("sbatch", join(project.root, "bin"))).toBe(join(project.root, "bin/sbatch"));
});
