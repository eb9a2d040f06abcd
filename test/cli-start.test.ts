import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { execute, project } from "./project.js";
import { workspace } from "./sources.js";

const tenon = join(workspace, "packages/cli/bin/tenon.js");

describe("starting", () => {
  test("--version prints the version, and loads next to nothing for it", async () => {
    const there = project();
    const { stdout, code } = await there.tenon("--version");
    expect([code, stdout]).toEqual([0, "1.0.0\n"]);
  });

  test("--help says how it is used, with examples and exit codes", async () => {
    const there = project();
    expect((await there.tenon("--help")).stdout).toMatch(/130 +The run was cancelled/);
    for (const command of [["run"], ["run", "list"], ["artifact", "load"], ["integration", "install"], ["init"]]) {
      const { code, stdout } = await there.tenon(...command, "--help");
      expect([code, stdout]).toEqual([0, expect.stringContaining(`$ tenon ${command.join(" ")}`)]);
    }
  });

  test("a Node that is too old is told so, by code", async () => {
    const there = project();
    const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.19.1" } });`;
    const { code, stderr } = await there.node(
      "--import",
      `data:text/javascript,${encodeURIComponent(old)}`,
      tenon,
      "--version",
    );
    expect(code).toBe(1);
    expect(stderr).toContain("NODE_TOO_OLD");
    expect(stderr).toContain("18.19.1");
    expect(stderr).toContain("20.19");
  });

  test("the project's own copy does the work, from any directory of the project", async () => {
    const there = project();
    there.write("other/package.json", "{}");
    const own = { name: "tenon", version: "9.9.9", type: "module", bin: { tenon: "bin.js" } };
    const manifest = JSON.stringify({ ...own, peerDependencies: { "@tenon/core": "*" } });
    there.write("other/node_modules/tenon/package.json", manifest);
    there.write("other/node_modules/tenon/bin.js", "console.log('own copy', process.argv.slice(2).join(' '));");
    mkdirSync(there.path("other/deep/inside"), { recursive: true });
    const from = (cwd: string) => execute(process.execPath, [tenon, "run", "list"], { cwd });
    expect((await from(there.path("other/deep/inside"))).stdout).toBe("own copy run list\n");
  });

  test("a package that merely has the same name is left alone", async () => {
    const there = project();
    const stranger = JSON.stringify({ name: "tenon", version: "0.1.0", bin: { tenon: "bin.js" } });
    there.write("other/node_modules/tenon/package.json", stranger);
    there.write("other/node_modules/tenon/bin.js", "throw new Error('a stranger ran')");
    const { stdout } = await execute(process.execPath, [tenon, "--version"], { cwd: there.path("other") });
    expect(stdout).toBe("1.0.0\n");
  });
});

describe("a mistyped command", () => {
  test.each([
    [["rnu"], "run"],
    [["artifact", "lsit"], "list"],
    [["run", "list", "--limt", "3"], "--limit"],
    [["run", "lst"], "list"],
  ])("%j is answered with the nearest", async (argv, meant) => {
    const { code, stderr } = await project().tenon(...argv);
    expect(code).toBe(2);
    expect(stderr).toContain("USAGE_INVALID");
    expect(stderr).toContain(meant);
  });

  test.each([[["run", "list", "--limit", "0"]], [["run", "list", "--status", "sleeping"]], [["artifact", "show"]]])(
    "%j is refused",
    async (argv) => {
      const { code, stderr } = await project().tenon(...argv);
      expect([code, stderr]).toEqual([2, expect.stringContaining("USAGE_INVALID")]);
    },
  );
});

describe("tenon init", () => {
  test("makes a project that runs", async () => {
    const there = project();
    rmSync(there.path("tenon.yaml"));
    const made = await there.tenon("init");
    expect(made.stdout).not.toContain("npm install");
    expect(there.read("tenon.yaml")).toContain("project: tenon-test-");
    const { code, stdout, stderr } = await there.tenon("run");
    expect(stderr).toBe("  pipeline.ts\n");
    expect(stdout).toContain("✔ sum");
    expect(code).toBe(0);
  });

  test("makes a directory, and says what has to be installed there", async () => {
    const there = project();
    const { stdout } = await there.tenon("init", "fresh");
    expect(stdout).toContain("cd fresh");
    expect(stdout).toContain("npm install @tenon/core @tenon/plugin-local tenon zod");
    expect(JSON.parse(there.read("fresh/package.json"))).toMatchObject({ name: "fresh", type: "module" });
  });

  test("overwrites nothing, and adds to .gitignore only what is missing", async () => {
    const there = project({ "pipeline.ts": "// mine", ".gitignore": "dist/\n/.tenon" });
    await there.tenon("init");
    await there.tenon("init");
    expect(there.read("pipeline.ts")).toBe("// mine");
    expect(there.read("tenon.yaml")).toBe("project: test\n");
    expect(there.read(".gitignore")).toBe("dist/\n/.tenon\nnode_modules/\n");
  });
});
