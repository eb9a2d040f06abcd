import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { bundleFiles, describedIn } from "./bundle-files.js";

function tree(files: Readonly<Record<string, string | object>>): string {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "tenon-bundle-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(top, name)), { recursive: true });
    writeFileSync(join(top, name), typeof content === "string" ? content : JSON.stringify(content));
  }
  return top;
}

async function bundled(project: string, reached: readonly string[]) {
  const files = await bundleFiles(project, reached);
  const text = (path: string) => Buffer.from(files.get(path)?.content ?? []).toString();
  return { paths: [...files.keys()].sort(), text, description: JSON.parse(text(describedIn)) };
}

describe("the files of a bundle", () => {
  test("are those that the steps reach, and what opens and installs the project", async () => {
    const top = tree({
      "package.json": { name: "app" },
      "tenon.yaml": "project: app",
      "tsconfig.json": { extends: "./base.json" },
      "base.json": {},
      "package-lock.json": { lockfileVersion: 3, packages: { "": {} } },
      "src/fit.ts": "",
      "src/unreached.ts": "",
      ".env": "SECRET=1",
      "data/a.csv": "",
      "data/deep/b.csv": "",
    });
    const { paths, description } = await bundled(top, [join(top, "src/fit.ts"), join(top, "data")]);
    expect(paths).toEqual([
      "base.json",
      "data/a.csv",
      "data/deep/b.csv",
      "package-lock.json",
      "package.json",
      "src/fit.ts",
      describedIn,
      "tenon.yaml",
      "tsconfig.json",
    ]);
    expect(description).toEqual({
      format: 1,
      path: "",
      packages: { manager: "npm", directory: "", files: ["package-lock.json", "package.json"] },
    });
  });

  test("say nothing of packages where there is no lockfile", async () => {
    const top = tree({ "package.json": { name: "app" }, "a.ts": "" });
    expect((await bundled(top, [join(top, "a.ts")])).description).toEqual({ format: 1, path: "" });
  });

  test("do not take secrets of package managers along, but references to them", async () => {
    const top = tree({
      "package.json": {},
      "package-lock.json": { packages: {} },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how npm writes a reference
      ".npmrc": "registry=https://npm.example\n//npm.example/:_authToken=abc\n//other/:_authToken=${TOKEN}\n",
    });
    const { text } = await bundled(top, []);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    expect(text(".npmrc")).toBe("registry=https://npm.example\n//other/:_authToken=${TOKEN}\n");
  });

  test.each([
    [
      "npm",
      "package-lock.json",
      JSON.stringify({ packages: { "": {}, "apps/one": {}, "libs/a": {}, "node_modules/x": {} } }),
    ],
    [
      "pnpm",
      "pnpm-lock.yaml",
      "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n\n  apps/one:\n    dependencies: {}\n\n  libs/a: {}\n\npackages:\n\n  x: {}\n",
    ],
    [
      "yarn",
      "yarn.lock",
      '__metadata:\n  version: 8\n\n"a@workspace:libs/a":\n  resolution: "a@workspace:libs/a"\n\n"one@workspace:apps/one":\n  resolution: "one@workspace:apps/one"\n',
    ],
    ["bun", "bun.lock", "{}"],
  ])("of a workspace of %s lie as they do in it, with all its manifests", async (manager, lockfile, text) => {
    const top = tree({
      "package.json": { workspaces: ["apps/*", "libs/*"] },
      [lockfile]: text,
      "apps/one/package.json": { name: "one", dependencies: { a: "*" } },
      "apps/one/steps.ts": "",
      "libs/a/package.json": { name: "a" },
      "libs/a/index.ts": "",
      "libs/a/other.ts": "",
      "libs/stray/index.ts": "",
    });
    mkdirSync(join(top, "apps/one/node_modules"));
    symlinkSync(join(top, "libs/a"), join(top, "apps/one/node_modules/a"), "dir");
    const project = join(top, "apps/one");
    const { paths, description } = await bundled(project, [join(project, "steps.ts"), join(top, "libs/a/index.ts")]);
    const expected = ["apps/one/package.json", "apps/one/steps.ts", "libs/a/index.ts", "libs/a/package.json"];
    expect(paths).toEqual([...expected, lockfile, "package.json", describedIn].sort());
    expect([description.path, description.packages.manager]).toEqual(["apps/one", manager]);
  });

  test("of a package that is linked from elsewhere are not taken along: they come with the packages", async () => {
    const elsewhere = tree({ "package.json": { name: "linked" }, "index.js": "" });
    const top = tree({ "package.json": { dependencies: { linked: "*" } }, "a.ts": "" });
    mkdirSync(join(top, "node_modules"));
    symlinkSync(elsewhere, join(top, "node_modules/linked"), "dir");
    const { paths } = await bundled(top, [join(top, "a.ts"), join(elsewhere, "index.js")]);
    expect(paths).toEqual(["a.ts", "package.json", describedIn]);
  });

  test("include those beside the project that it imports, under the directory that both have", async () => {
    const top = tree({ "app/package.json": {}, "app/a.ts": "", "common/b.ts": "" });
    const { paths, description } = await bundled(join(top, "app"), [join(top, "app/a.ts"), join(top, "common/b.ts")]);
    expect(paths).toEqual(["app/a.ts", "app/package.json", "common/b.ts", describedIn]);
    expect(description.path).toBe("app");
  });

  test("of a lockfile further up that knows nothing of the project do not count", async () => {
    const top = tree({
      "package.json": {},
      "package-lock.json": { packages: {} },
      "app/package.json": {},
      "app/a.ts": "",
    });
    const { paths } = await bundled(join(top, "app"), [join(top, "app/a.ts")]);
    expect(paths).toEqual(["a.ts", "package.json", describedIn]);
  });

  test("that come to too much are refused with what to do about it", async () => {
    const top = tree({ "package.json": {} });
    const data = join(top, "data.bin");
    writeFileSync(data, "");
    truncateSync(data, 257 * 2 ** 20);
    await expect(bundleFiles(top, [data])).rejects.toMatchObject({ code: "CODE_NOT_PACKED", fix: /artifact/ });
  });
});
