import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type DirectoryArtifact, directoryArtifact, type FileArtifact, fileArtifact } from "../materializers/paths.js";
import { directory, file } from "../materializers/types.js";
import { map } from "../pipeline/map.js";
import { pipeline } from "../pipeline/pipeline.js";
import { step } from "../pipeline/step.js";
import { each } from "../pipeline/wire.js";
import { MemoryProject } from "../testing/memory-project.js";

let project: MemoryProject;
/** Every directory that a step was given, and what lay in it then. */
let given: { readonly path: string; readonly found: readonly string[] }[];
beforeEach(() => {
  project = new MemoryProject();
  given = [];
});
afterEach(() => project.dispose());

type Temporary = { temporaryDirectory(): Promise<string> };
const fresh = async ({ temporaryDirectory }: Temporary): Promise<string> => {
  const path = await temporaryDirectory();
  given.push({ path, found: await readdir(path) });
  await writeFile(join(path, "notes.txt"), path);
  return path;
};
const left = () => given.filter(({ path }) => existsSync(path));

const write = step({
  name: "write",
  outputs: { all: directory, one: file },
  async run(_inputs: object, context) {
    const [all, one] = [await fresh(context), await fresh(context)];
    await mkdir(join(all, "deep"));
    await writeFile(join(all, "deep", "inside.txt"), "äöü");
    return { all: directoryArtifact(all), one: fileArtifact(join(one, "notes.txt")) };
  },
});

describe("a step's temporary directory", () => {
  test("is there until the outputs that lie in it are stored, and gone after", async () => {
    const { outputs } = await project.run(pipeline("writing", () => write()));
    const all: DirectoryArtifact = await outputs.all.load();
    expect(await readFile(join(all.path, "deep", "inside.txt"), "utf8")).toBe("äöü");
    const one: FileArtifact = await outputs.one.load();
    expect(await readFile(one.path, "utf8")).toBe(given[1]?.path);
    expect(left()).toEqual([]);
  });

  test("is absolute, empty, and another at each call", async () => {
    await project.run(pipeline("writing", () => write()));
    expect(given.every(({ path, found }) => isAbsolute(path) && found.length === 0)).toBe(true);
    expect(new Set(given.map(({ path }) => path)).size).toBe(2);
  });

  test("is gone when the step fails, and each further attempt has its own", async () => {
    const failing = step({
      name: "failing",
      retries: 2,
      backoff: "1ms",
      async run(_inputs: object, context) {
        await fresh(context);
        expect(left()).toHaveLength(1);
        throw new Error("not today");
      },
    });
    await expect(project.run(pipeline("failing", () => failing()))).rejects.toMatchObject({ code: "RUN_FAILED" });
    expect(new Set(given.map(({ path }) => path)).size).toBe(3);
    expect(left()).toEqual([]);
  });

  test("is gone when an output cannot be saved", async () => {
    const missing = step({
      name: "missing",
      output: file,
      run: async (_inputs: object, context) => fileArtifact(join(await fresh(context), "never-written")),
    });
    await expect(project.run(pipeline("missing", () => missing()))).rejects.toMatchObject({ code: "RUN_FAILED" });
    expect(given).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  test("is gone when the step runs out of time, even if the step goes on writing; it gets no further one", async () => {
    let late: Promise<unknown> | undefined;
    const heedless = step({
      name: "heedless",
      timeout: "200ms",
      async run(_inputs: object, context) {
        const path = await fresh(context);
        late = (async () => {
          while (existsSync(path)) {
            await writeFile(join(path, `${Math.random()}`), "more").catch(() => {});
            await sleep(1);
          }
          return await context.temporaryDirectory().catch((error) => error);
        })();
        await late;
      },
    });
    await expect(project.run(pipeline("heedless", () => heedless()))).rejects.toMatchObject({ code: "RUN_FAILED" });
    expect(await late).toBeInstanceOf(Error);
    expect(left()).toEqual([]);
  });

  test("is gone when the run is cancelled", async () => {
    const abort = new AbortController();
    const waiting = step("waiting", async (_inputs: object, context) => {
      await fresh(context);
      abort.abort();
      await sleep(10_000, undefined, { signal: context.signal });
    });
    const cancelled = project.run(
      pipeline("waiting", () => waiting()),
      { signal: abort.signal },
    );
    await expect(cancelled).rejects.toMatchObject({ code: "RUN_CANCELLED" });
    expect(given).toHaveLength(1);
    expect(left()).toEqual([]);
  });

  test("is each element's own in a map", async () => {
    const one = step("one", async ({ n }: { n: number }, context) => {
      const path = await fresh(context);
      await writeFile(join(path, "notes.txt"), `${n}`);
      return fileArtifact(join(path, "notes.txt"));
    });
    const all = pipeline("all", () => ({ files: map(one, { n: each([1, 2, 3]) }) }));
    const { outputs } = await project.run(all);
    const files = await outputs.files.load();
    expect(await Promise.all(files.map(({ path }) => readFile(path, "utf8")))).toEqual(["1", "2", "3"]);
    expect(given).toHaveLength(3);
    expect(left()).toEqual([]);
  });

  test("is refused to what a step has left running, with how to mend it", async () => {
    let late: Promise<unknown> | undefined;
    let go = () => {};
    const hasty = step("hasty", (_inputs: object, context) => {
      const ended = new Promise<void>((resolve) => {
        go = resolve;
      });
      late = ended.then(() => context.temporaryDirectory()).catch((error) => error);
      return 1;
    });
    await project.run(pipeline("hasty", () => hasty()));
    go();
    expect(await late).toMatchObject({
      code: "STEP_FAILED",
      message: expect.stringMatching(/step 'hasty': the step has already ended.*Await all/s),
    });
  });

  test("is there, and stays, for a step that is called by itself", async () => {
    const { all } = (await write.run({})) as { all: DirectoryArtifact };
    expect(await readdir(all.path)).toEqual(["deep", "notes.txt"]);
  });
});
