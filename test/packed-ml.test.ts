import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install, installedPackages, pack, prebuiltSqlite, succeed } from "./packed.js";
import { execute } from "./project.js";
import { workspace } from "./sources.js";

const scratch = mkdtempSync(join(tmpdir(), "tenon-packed-ml-"));
const made = [scratch];
let tarballs: Record<string, string>;
beforeAll(async () => {
  const manifest = (name: string) =>
    JSON.parse(readFileSync(join(workspace, "packages", name, "package.json"), "utf8"));
  const sources = readdirSync(join(workspace, "packages")).map((name) => [manifest(name).name, `packages/${name}`]);
  tarballs = await pack(scratch, Object.fromEntries(sources));
});
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
});

test("every package comes with its licence and its page, and without what only building needs", async () => {
  for (const [name, tarball] of Object.entries(tarballs)) {
    const files = (await succeed("tar", ["-tzf", tarball], scratch)).stdout.trim().split("\n");
    expect([name, ...files]).toEqual(
      expect.arrayContaining([name, ...["LICENSE", "README.md", "package.json"].map((file) => `package/${file}`)]),
    );
    const unwanted = files.filter((file) => !/^package\/(bin|dist|schema|LICENSE|README\.md|package\.json)/.test(file));
    expect([name, ...unwanted, ...files.filter((file) => file.includes("tsbuildinfo"))]).toEqual([name]);
  }
});

test("the training pipeline of the guide runs where nothing but its packages is installed", async () => {
  const wanted = ["@tenon/core", "@tenon/plugin-local", "tenon", "@tenon/ml"];
  const own = Object.fromEntries(wanted.map((name) => [name, tarballs[name] as string]));
  const directory = await install("npm", own, await prebuiltSqlite(mkdtempSync(join(scratch, "sqlite-"))));
  made.push(directory);
  const heavy = /^(@tensorflow|@tenon\/tfrecord|sharp|hyparquet|mysql2|pg|typescript|canvas)/;
  expect(installedPackages(directory).filter((name) => heavy.test(name))).toEqual([]);

  const guide = readFileSync(join(workspace, "docs/guides/training-pipeline.md"), "utf8");
  writeFileSync(join(directory, "pipeline.ts"), /```ts\n([\s\S]*?)```/.exec(guide)?.[1] as string);
  writeFileSync(join(directory, "load.ts"), load);
  const tenon = (...argv: string[]) => execute("npx", ["tenon", ...argv], { cwd: directory });
  const ran = await tenon("run", "pipeline.ts", "--param", "train.epochs=500", "--json");
  expect([ran.code, JSON.parse(ran.stdout).status]).toEqual([0, "succeeded"]);
  const shown = await tenon("model", "show", "penguins@production", "--json");
  expect(JSON.parse(shown.stdout)).toMatchObject({ version: "1", stage: "production" });

  writeFileSync(join(directory, "commit.mjs"), commit);
  const refused = await succeed(process.execPath, ["commit.mjs"], directory);
  expect(refused.stdout.trim().split("\n")).toEqual([
    "REQUIREMENT_MISSING Install it: npm install hyparquet",
    "REQUIREMENT_MISSING Install it: npm install sharp",
    "REQUIREMENT_MISSING Install it: npm install mysql2",
  ]);
});

const load = `import { step } from "@tenon/core";
import { rows } from "@tenon/ml";

const species = ["Adelie", "Chinstrap", "Gentoo"];
export const loadPenguins = step({ name: "loadPenguins", output: rows, run: () =>
  Array.from({ length: 300 }, (_, at) => ({
    Species: species[at % 3] as string,
    "Body Mass (g)": at % 50 === 0 ? null : 3700 + (at % 3) * 700 + ((at * 37) % 400),
    Island: at % 3 === 2 ? "Biscoe" : at % 2 ? "Dream" : "Torgersen",
  })),
});
`;

const commit = `import { writeFileSync } from "node:fs";
import { datasource, images, parquet, sql } from "@tenon/ml";

writeFileSync("file.parquet", "");
const asking = sql("SELECT 1", { dialect: "mysql", host: "localhost", user: "me", database: "here" });
for (const source of [parquet("file.parquet"), images(".", { width: 8, height: 8 }), asking]) {
  await datasource("things", source).commit().catch(({ code, fix }) => console.log(code, fix));
}
`;
