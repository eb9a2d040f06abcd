import { existsSync, mkdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { discover } from "./discovery.js";
import { TemporaryProject } from "./temporary-project.js";

let project: TemporaryProject;
beforeEach(() => {
  project = new TemporaryProject();
});
afterEach(() => project.remove());

const manifest = (integration: string, more: object = {}) => ({ tenon: { api: "^1.0.0", integration, ...more } });
const found = () => discover(project.root, join(project.root, ".tenon"));
const names = () => found().integrations.map(({ manifest: { integration } }) => integration);
const cacheFile = () => join(project.root, ".tenon/cache/integrations.json");
const withState = () => mkdirSync(join(project.root, ".tenon"), { recursive: true });

test("integrations are found among dependencies of all four sorts, and no code of theirs runs", () => {
  project.write({
    "package.json": {
      name: "p",
      dependencies: { a: "1", plain: "1" },
      devDependencies: { b: "1" },
      optionalDependencies: { c: "1", absent: "1" },
      peerDependencies: { "@scope/d": "1" },
    },
  });
  for (const name of ["a", "b", "c", "@scope/d"]) {
    project.install(name, manifest(name.slice(-1)), { "index.js": "throw new Error('it ran')" });
  }
  project.install("plain", {}).install("transitive", manifest("transitive"));
  expect(names()).toEqual(["d", "a", "b", "c"].sort((x, y) => (x === "d" ? -1 : y === "d" ? 1 : 0)));
  expect(found().missing).toEqual(["absent"]);
});

test("a package that is an integration itself finds itself", () => {
  project.write({ "package.json": { name: "me", version: "2.0.0", ...manifest("mine") } });
  expect(found().integrations[0]).toMatchObject({ packageName: "me", version: "2.0.0", directory: project.root });
});

test("a broken manifest names its field and empties no list", () => {
  project.dependingOn("bad", "good", "notjson").install("good", manifest("good"));
  project.install("bad", { tenon: { api: "^1.0.0", integration: "bad", contributes: { artifactStore: "s3" } } });
  project.write({ "node_modules/notjson/package.json": "{" });
  expect(names()).toEqual(["good"]);
  expect(found().broken).toMatchObject([
    { packageName: "bad", integration: "bad", field: "tenon.contributes.artifactStore" },
  ]);
});

test.each([
  ["tenon", { tenon: "yes" }],
  ["tenon.api", { tenon: { integration: "x" } }],
  ["tenon.api", { tenon: { api: "latest", integration: "x" } }],
  ["tenon.integration", { tenon: { api: "1" } }],
  ["tenon.integration", { tenon: { api: "1", integration: "Big Name" } }],
  ["tenon.contributes", { tenon: { api: "1", integration: "x", contributes: [] } }],
  ["tenon.contributes.hooks", { tenon: { api: "1", integration: "x", contributes: { hooks: "yes" } } }],
  [
    "tenon.contributes.artifactStore[0]",
    { tenon: { api: "1", integration: "x", contributes: { artifactStore: [1] } } },
  ],
  [
    "tenon.contributes.materializers[0].writes",
    { tenon: { api: "1", integration: "x", contributes: { materializers: [{ type: "t" }] } } },
  ],
  ["tenon.requires[0].install", { tenon: { api: "1", integration: "x", requires: [{ program: "sbatch" }] } }],
])("what is wrong with %s is said", (field, json) => {
  project.dependingOn("bad").install("bad", json);
  expect(found().broken[0]?.field).toBe(field);
});

test("fields of a later version are left alone", () => {
  project.dependingOn("a").install("a", manifest("a", { later: { thing: 1 }, contributes: { newKind: ["x"] } }));
  expect(found().integrations[0]?.manifest.flavors).toEqual({ newKind: ["x"] });
});

test("pnpm's links are followed to where the package really lies", () => {
  project.dependingOn("plugin");
  project.install("plugin", manifest("plugin"), {}, "node_modules/.pnpm/plugin@1.0.0/node_modules");
  project.link("node_modules/.pnpm/plugin@1.0.0/node_modules/plugin", "node_modules/plugin");
  expect(found().integrations[0]?.directory).toBe(
    join(project.root, "node_modules/.pnpm/plugin@1.0.0/node_modules/plugin"),
  );
});

test("a workspace's own dependencies count too, up to the directory with the lockfile", () => {
  project.dependingOn("top").write({ "pnpm-lock.yaml": "" }).install("top", manifest("top"));
  project.write({ "packages/app/package.json": { name: "app", dependencies: { inner: "1" } } });
  project.install("inner", manifest("inner"), {}, "packages/app/node_modules");
  const root = join(project.root, "packages/app");
  expect(discover(root, join(root, ".tenon")).integrations.map((one) => one.packageName)).toEqual(["inner", "top"]);
});

test("nothing is written where there is no state directory", () => {
  project.dependingOn("a").install("a", manifest("a"));
  found();
  expect(existsSync(join(project.root, ".tenon"))).toBe(false);
});

test("a second look is served from the cache", () => {
  withState();
  project.dependingOn("a").install("a", manifest("a"));
  expect(names()).toEqual(["a"]);
  project.write({ ".tenon/cache/integrations.json": readFileSync(cacheFile(), "utf8").replaceAll('"a"', '"cached"') });
  expect(names()).toEqual(["cached"]);
});

test.each<[string, (project: TemporaryProject) => void]>([
  ["a manifest changes in place", (p) => p.install("a", manifest("renamed"))],
  ["the package is deleted", (p) => p.remove("node_modules/a")],
  ["the lockfile changes", (p) => p.write({ "package-lock.json": "{ }" }).install("plain", manifest("renamed"))],
  ["package.json gains a dependency", (p) => p.dependingOn("a", "plain", "b").install("b", manifest("renamed"))],
  ["a missing dependency arrives", (p) => p.install("absent", manifest("renamed"))],
  ["a missing dependency of a scope arrives", (p) => p.install("@s/absent", manifest("renamed"))],
  ["a linked package becomes an integration", (p) => p.install("linked", manifest("renamed"), {}, "elsewhere")],
  ["the cache is garbage", (p) => p.write({ ".tenon/cache/integrations.json": "{" }).install("a", manifest("renamed"))],
])("the cache is not believed when %s", (_, change) => {
  withState();
  project.dependingOn("a", "absent", "@s/absent", "linked", "plain").write({ "package-lock.json": "{}" });
  project.install("a", manifest("a")).install("plain", {}).install("@s/other", {});
  project.install("linked", {}, {}, "elsewhere").link("elsewhere/linked", "node_modules/linked");
  expect(names()).toEqual(["a"]);
  // Written within one tick of the clock, a change of equal size would otherwise be invisible to any cache.
  const before = new Date(Date.now() - 10_000);
  for (const path of [
    "package.json",
    "package-lock.json",
    "node_modules/a/package.json",
    "elsewhere/linked/package.json",
  ]) {
    utimesSync(join(project.root, path), before, before);
  }
  found();
  change(project);
  expect(names()).not.toEqual(["a"]);
});

test("a Plug'n'Play project that this process does not run under is refused with the ways out", () => {
  project.dependingOn("a").write({ ".pnp.cjs": "" });
  expect(found).toThrow(
    expect.objectContaining({ code: "PNP_UNSUPPORTED", fix: expect.stringContaining("nodeLinker") }),
  );
});
