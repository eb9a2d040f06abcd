import { chmodSync } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { execute, type Project, project } from "./project.js";
import { workspace } from "./sources.js";

const stacks = `# what we use
project: test
stack: local
stacks:
  twin: # a second one
    orchestrator: local/local
    artifactStore: local/filesystem
    metadataStore: local/sqlite
  wrong:
    orchestrator: local/locl
    artifactStore: local/filesytem
    metadataStore: local/sqlite
`;

describe("stacks", () => {
  test("are listed with the one in use, which can be changed without touching the rest of tenon.yaml", async () => {
    const there = project({ "tenon.yaml": stacks });
    expect((await there.tenon("stacks")).stdout).toMatch(/^\* +local/m);
    expect((await there.tenon("stack", "use", "twin")).code).toBe(0);
    expect((await there.tenon("stacks")).stdout).toMatch(/^\* +twin/m);
    expect(there.read("tenon.yaml")).toBe(stacks.replace("stack: local", "stack: twin"));
  });

  test("that do not exist cannot be used", async () => {
    const { code, stderr } = await project({ "tenon.yaml": stacks }).tenon("stack", "use", "twni");
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean 'twin'?");
  });

  test("are checked as a whole: every fault is listed", async () => {
    const there = project({ "tenon.yaml": stacks });
    expect((await there.tenon("stack", "check", "twin")).code).toBe(0);
    const { code, stdout } = await there.tenon("stack", "check", "wrong");
    expect(code).toBe(1);
    expect(stdout).toContain("locl");
    expect(stdout).toContain("filesytem");
    expect(stdout.match(/FLAVOR_UNKNOWN/g)).toHaveLength(2);
  });
});

describe("tenon doctor", () => {
  test("finds nothing wrong with a project that is right", async () => {
    const { code, stdout } = await project().tenon("doctor", "--json");
    expect(JSON.parse(stdout).filter(({ state }: { state: string }) => state !== "ok")).toEqual([]);
    expect(code).toBe(0);
  });

  test("names what is broken, and goes on with the rest", async () => {
    const there = project();
    there.install("tenon-broken", { tenon: { api: "^9.0.0", integration: "broken", contributes: {} } });
    const { code, stdout } = await there.tenon("doctor");
    expect(code).toBe(1);
    expect(stdout).toMatch(/✖ broken +INTEGRATION_INCOMPATIBLE/);
    expect(stdout).toMatch(/✔ metadata store/);
  });
});

/** A project with an integration whose component lacks a package, and with package managers that only say what they are asked. */
function withNeeds(lockfile: string): Project {
  const there = project({ [lockfile]: "" });
  there.install(
    "tenon-acme",
    {
      exports: "./index.js",
      peerDependencies: { "@tenon/core": "^1.0.0", "acme-sdk": "^2.0.0" },
      peerDependenciesMeta: { "acme-sdk": { optional: true } },
      tenon: { api: "^1.0.0", integration: "acme", contributes: { artifactStore: ["vault"] } },
    },
    {
      "index.js": `import { defineArtifactStore, defineIntegration } from "@tenon/core";
const anything = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const vault = defineArtifactStore({ flavor: "vault", config: anything, requires: ["acme-sdk"], load: () => import("acme-sdk") });
export default defineIntegration({ name: "acme", components: [vault] });
`,
    },
  );
  for (const name of ["npm", "pnpm", "yarn", "bun"]) {
    chmodSync(there.write(`bin/${name}`, `#!/bin/sh\necho "$(basename $0) was asked: $*"\n`), 0o755);
  }
  return there;
}

function tenon(there: Project, ...argv: string[]) {
  const env = { PATH: `${there.path("bin")}${delimiter}${process.env.PATH}` };
  return execute(process.execPath, [join(workspace, "packages/cli/bin/tenon.js"), ...argv], {
    cwd: there.directory,
    env,
  });
}

describe.skipIf(process.platform === "win32")("integrations", () => {
  test("are checked component by component, with the command that mends them", async () => {
    const { code, stdout } = await withNeeds("package-lock.json").tenon("integration", "check", "acme");
    expect(code).toBe(1);
    expect(stdout).toContain("artifact store vault: needs acme-sdk ^2.0.0, which is not installed");
    expect(stdout).toContain("tenon integration install acme --for artifact-store/vault");
  });

  test.each([
    ["package-lock.json", "npm install acme-sdk@^2.0.0"],
    ["pnpm-lock.yaml", "pnpm add acme-sdk@^2.0.0"],
    ["yarn.lock", "yarn add acme-sdk@^2.0.0"],
    ["bun.lock", "bun add acme-sdk@^2.0.0"],
  ])(
    "are completed with the package manager of %s; the command is printed before it runs",
    async (lockfile, command) => {
      const there = withNeeds(lockfile);
      const { stdout, stderr } = await tenon(there, "integration", "install", "acme", "--for", "artifact-store/vault");
      expect(stderr).toContain(`$ ${command}`);
      const [manager = "", ...rest] = command.split(" ");
      expect(stdout).toContain(`${manager} was asked: ${rest.join(" ")}`);
    },
  );

  test("lose only what was asked for: nothing is installed without need", async () => {
    const { stdout, stderr, code } = await tenon(withNeeds("package-lock.json"), "integration", "install", "acme");
    expect(stdout).not.toContain("was asked");
    expect(stderr).toContain("Nothing was missing");
    expect(code).toBe(0);
  });

  test("of Tenon's own are known by name; a stranger's needs its package's name", async () => {
    const there = withNeeds("package-lock.json");
    const own = await tenon(there, "integration", "install", "gcp", "--dry-run");
    expect(own.stdout).toBe("npm install @tenon/plugin-gcp\n");
    const stranger = await tenon(there, "integration", "install", "storage", "--dry-run");
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining("whole name of its package")]);
  });

  test("are uninstalled by their package's name", async () => {
    const { stdout } = await tenon(withNeeds("package-lock.json"), "integration", "uninstall", "acme");
    expect(stdout).toContain("npm was asked: uninstall tenon-acme");
  });

  test("have components by name, and no others", async () => {
    const { code, stderr } = await tenon(withNeeds("bun.lock"), "integration", "install", "acme", "--for", "vaultt");
    expect([code, stderr]).toEqual([2, expect.stringContaining("artifact-store/vault")]);
  });
});
