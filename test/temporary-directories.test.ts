import { chmodSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { run, stack } from "@tenon/core";
import { filesystem, local, sqlite } from "@tenon/plugin-local";
import { expect, onTestFinished, test } from "vitest";
import { execute, project } from "./project.js";

const pipelines = `
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileArtifact, pipeline, step } from "@tenon/core";
const written = async (context) => {
  const file = join(await context.temporaryDirectory(), "notes.txt");
  await writeFile(file, "attempt " + context.step.attempt);
  return file;
};
export const keeps = step("keeps", async (_, context) => fileArtifact(await written(context)));
export const again = step({ name: "again", retries: 1, backoff: "1ms", async run(_, context) {
  const file = await written(context);
  if (context.step.attempt === 1) throw new Error("not yet");
  return fileArtifact(file);
} });
export const fails = step("fails", async (_, context) => { await written(context); throw new Error("not today"); });
export const exits = step("exits", async (_, context) => { await written(context); process.exit(3); });
export const late = step({ name: "late", timeout: "300ms", async run(_, context) {
  await written(context);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
} });
export const all = pipeline("all", () => ({ keeps: keeps(), again: again(), fails: fails(), exits: exits(), late: late() }));
`;

/** Where this process and those that it starts have their temporary files. */
function temporaryFiles(directory: string): string {
  mkdirSync(directory);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = directory;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return directory;
}

test("the temporary directories of steps in processes of their own are gone, however the steps have ended", async () => {
  const files = project({ "pipelines.mjs": pipelines });
  const temporary = temporaryFiles(files.path("temporary"));
  const { all } = await import(files.path("pipelines.mjs"));
  const result = await run(all, {
    directory: files.directory,
    throwOnFailure: false,
    stack: stack({
      name: "processes",
      orchestrator: local({ isolation: "process", concurrency: 2 }),
      artifactStore: filesystem(),
      metadataStore: sqlite(),
    }),
  });
  expect(Object.fromEntries(result.steps.map(({ id, status }) => [id, status]))).toEqual({
    keeps: "succeeded",
    again: "succeeded",
    fails: "failed",
    exits: "failed",
    late: "failed",
  });
  const steps = () => readdirSync(temporary).filter((name) => name.startsWith("tenon-"));
  await expect.poll(steps, { timeout: 10_000 }).toEqual([]);
  const outputs = result.outputs as Record<string, { load(): Promise<{ path: string }> }>;
  expect(await readFile((await outputs.again?.load())?.path ?? "", "utf8")).toBe("attempt 2");
});

test("the temporary directory of a step that is called by itself is gone with the program", async () => {
  const files = project({
    "pipelines.mjs": pipelines,
    "index.mjs": `import { existsSync } from "node:fs";
      import { keeps } from "./pipelines.mjs";
      const { path } = await keeps.run({});
      console.log(JSON.stringify([path, existsSync(path)]));`,
  });
  const { stdout, stderr } = await files.node("index.mjs");
  const [path, wasThere] = JSON.parse(stdout || "[]");
  expect(wasThere, stderr).toBe(true);
  expect(existsSync(path)).toBe(false);
});

test("a temporary directory is gone though the step has made a part of it read-only, as package caches are", async () => {
  const files = project({
    "index.mjs": `import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
      import { join } from "node:path";
      import { pipeline, run, step } from "@tenon/core";
      let directory;
      const keeps = step("keeps", async (_, context) => {
        directory = await context.temporaryDirectory();
        const cache = join(directory, "cache");
        mkdirSync(join(cache, "deep"), { recursive: true });
        writeFileSync(join(cache, "deep", "package"), "");
        for (const path of [join(cache, "deep"), cache]) chmodSync(path, 0o500);
        return 1;
      });
      const { status } = await run(pipeline("keeping", () => ({ one: keeps() })));
      console.log(JSON.stringify([status, existsSync(directory)]));`,
  });
  // What is read-only is so for everybody but root.
  const root = process.getuid?.() === 0;
  if (root) chmodSync(files.directory, 0o777);
  const options = { cwd: files.directory, env: { HOME: files.directory }, ...(root && { uid: 65534 }) };
  const { stdout, stderr } = await execute(process.execPath, ["index.mjs"], options);
  expect(stdout.trim().split("\n").at(-1), stderr).toBe('["succeeded",false]');
});
