import { spawn } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { type Project, project } from "./project.js";
import { workspace } from "./sources.js";

vi.setConfig({ testTimeout: 240_000 });

const stacks = (elsewhere: string) => `project: test
stacks:
  shared:
    orchestrator: local/local
    artifactStore:
      flavor: local/filesystem
      path: ${JSON.stringify(join(elsewhere, "artifacts"))}
    metadataStore:
      flavor: local/sqlite
      file: ${JSON.stringify(join(elsewhere, "metadata.sqlite"))}
`;

const pipeline = `import { each, json, map, pipeline, step } from "@tenon/core";
const numbers = step({ name: "numbers", run: (_: Record<never, never>) => Array.from({ length: 40 }, (_, place) => place) });
const widened = step({ name: "widened", run: ({ number }: { number: number }) => String(number).repeat(50_000) });
const fit = step({ name: "fit", output: json, tags: ["fitted"], run: (_: Record<never, never>, { metadata }) => { metadata({ output: { MSE: 0.25 } }); return { weights: [1, 2] }; } });
export default pipeline({ name: "wide", model: { name: "wide" }, tags: ["nightly"], body: () => ({ wide: map(widened, { number: each(numbers()) }), fitted: fit() }) });
`;

/** A project that has run once, and one in another directory whose own stores its stack `shared` has. */
async function twoProjects(): Promise<{ here: Project; there: Project }> {
  const there = project();
  const here = project({ "tenon.yaml": stacks(there.path(".tenon")), "pipeline.ts": pipeline });
  const { code, stderr } = await here.tenon("run", "pipeline.ts");
  expect(code, stderr).toBe(0);
  return { here, there };
}

async function json(one: Project, ...argv: string[]) {
  const { code, stdout, stderr } = await one.tenon(...argv, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** What both have to show alike. */
async function shown(one: Project) {
  const bare = (value: object) =>
    JSON.parse(JSON.stringify(value, (name, item) => (/^(uri|location|path)$/.test(name) ? undefined : item)));
  return {
    runs: bare(await json(one, "run", "list")),
    run: bare(await json(one, "run", "show", "latest")),
    artifact: bare(await json(one, "artifact", "show", "wide.fit@1")),
    value: await json(one, "artifact", "load", "wide.widened"),
    model: bare(await json(one, "model", "show", "wide")),
  };
}

describe("tenon stack migrate", () => {
  test("moves a project's runs, artifacts and models to the stores of another directory", async () => {
    const { here, there } = await twoProjects();
    const planned = await json(here, "stack", "migrate", "local", "shared");
    expect(planned).toMatchObject({ moved: false, runs: 1, models: 1 });
    expect(await json(there, "run", "list")).toEqual([]);
    const moved = await json(here, "stack", "migrate", "local", "shared", "--yes", "--verify");
    expect(moved).toMatchObject({ moved: true, records: planned.records, places: planned.places, damaged: [] });
    expect(await shown(there)).toEqual(await shown(here));
    // The cache came with it: a run on the other stack does nothing again.
    const { code, stdout, stderr } = await here.tenon("run", "pipeline.ts", "--stack", "shared");
    expect(code, stderr).toBe(0);
    expect(`${stdout}${stderr}`).toMatch(/cached/);
    const again = await json(here, "run", "show", "latest", "--stack", "shared");
    expect(new Set(again.steps.map(({ status }: { status: string }) => status))).toEqual(new Set(["cached"]));
    expect(await json(there, "gc", "--older-than", "0s")).toMatchObject({ artifacts: [], places: 0 });
  });

  test("works as the guide says", async () => {
    const guide = readFileSync(join(workspace, "docs/guides/moving.md"), "utf8");
    const block = (language: string) => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] as string;
    const there = project();
    const here = project({ "pipeline.ts": pipeline });
    here.write("tenon.yaml", block("yaml").replaceAll("/srv/penguins", there.directory));
    expect((await here.tenon("run", "pipeline.ts")).code).toBe(0);
    for (const line of block("sh").trim().split("\n")) {
      const { code, stderr } = await here.tenon(...line.split(" ").slice(1));
      expect(code, `${line}: ${stderr}`).toBe(0);
    }
    expect(await json(here, "run", "list")).toHaveLength(1);
    expect(here.read("tenon.yaml")).toContain("stack: shared");
  });

  test("is continued after its process was killed, wherever it was", async () => {
    const { here, there } = await twoProjects();
    for (const moment of [/copying bytes {2}[1-9]/, /copying bytes {2}3\d/, /copying records/]) {
      await killed(here, moment, "stack", "migrate", "local", "shared", "--yes");
    }
    const moved = await json(here, "stack", "migrate", "local", "shared", "--yes", "--verify");
    expect(moved).toMatchObject({ moved: true, damaged: [] });
    expect(await json(here, "stack", "migrate", "local", "shared")).toMatchObject({
      records: { missing: 0 },
      places: { missing: 0 },
    });
    expect(await shown(there)).toEqual(await shown(here));
    expect(await json(there, "gc", "--older-than", "0s")).toMatchObject({ artifacts: [], places: 0 });
  });

  test("names what is damaged, and a stack that is occupied, and does nothing then", async () => {
    const { here, there } = await twoProjects();
    const files = readdirSync(here.path(".tenon", "artifacts"), { recursive: true, encoding: "utf8" });
    const file = files.find((name) => /wide\.fit@/.test(name)) as string;
    expect(file, files.join("\n")).toBeDefined();
    const path = here.path(".tenon", "artifacts", file);
    const whole = readFileSync(path);
    writeFileSync(path, String(whole).replace("[1,2]", "[1,3]"));
    const damaged = await here.tenon("stack", "migrate", "local", "shared", "--yes");
    expect(damaged.code).toBe(1);
    expect(damaged.stderr).toMatch(/ARTIFACT_CORRUPT[\s\S]*wide\.fit@1/);
    writeFileSync(path, whole);
    expect(await json(there, "run", "list")).toEqual([]);
    there.write("pipeline.ts", pipeline.replace("[1, 2]", "[2, 1]"));
    expect((await there.tenon("run", "pipeline.ts")).code).toBe(0);
    const occupied = await here.tenon("stack", "migrate", "local", "shared", "--yes");
    expect(occupied.stderr).toMatch(/STACK_OCCUPIED[\s\S]*wide\.fit@1/);
  });
});

describe("tenon artifact copy", () => {
  test("brings one version to another stack", async () => {
    const { here, there } = await twoProjects();
    const copied = await json(here, "artifact", "copy", "wide.fit", "--to", "shared");
    expect(copied).toMatchObject({ copied: true, artifact: "wide.fit@1", id: "wide.fit@1" });
    expect(await json(there, "artifact", "load", "wide.fit")).toEqual({ weights: [1, 2] });
    expect(await json(there, "artifact", "show", "wide.fit")).toMatchObject({ metadata: { MSE: 0.25 } });
    const again = await here.tenon("artifact", "copy", "wide.fit", "--to", "shared");
    expect(again.stdout).toContain("already");
  });
});

describe("tenon stack check", () => {
  test("tries stores out, and lists what is wrong with each component", async () => {
    const here = project({
      file: "no directory",
      "tenon.yaml": `project: test
stacks:
  wrong:
    orchestrator: local/locl
    artifactStore: { flavor: local/filesystem, path: ./file/artifacts }
    metadataStore: { flavor: local/sqlite, file: ./file/metadata.sqlite }
`,
    });
    const right = await json(here, "stack", "check", "local");
    expect(right).toMatchObject({ usable: true, faults: [] });
    const tried = (kind: string) => right.probes[kind].map(({ tried }: { tried: string }) => tried).join(", ");
    expect(tried("artifactStore")).toContain("writing an object");
    expect(tried("metadataStore")).toContain("inserting a record");
    const { code, stdout } = await here.tenon("stack", "check", "wrong");
    expect(code).toBe(1);
    expect(stdout).toContain("FLAVOR_UNKNOWN");
    expect(stdout).toMatch(/file\/artifacts/);
    expect(stdout).toMatch(/file\/metadata\.sqlite/);
  });
});

/** Starts the command and kills its process as soon as it says so. */
async function killed(one: Project, moment: RegExp, ...argv: string[]): Promise<void> {
  const child = spawn(process.execPath, [join(workspace, "packages/cli/bin/tenon.js"), ...argv], {
    cwd: one.directory,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    if (moment.test(text)) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("close", resolve));
}
