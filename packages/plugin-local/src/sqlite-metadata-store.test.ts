import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ComponentContext, MetadataStore } from "@tenon/core";
import { openLedger } from "@tenon/core/internal";
import { testMetadataStore } from "@tenon/core/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { create, openSqlite, type SqliteConfig } from "./sqlite-metadata-store.js";

const resolve = createRequire(import.meta.url).resolve;
const loader = createRequire(resolve("@tenon/core/package.json")).resolve("tsx/esm");
/** How another process runs a TypeScript module of this package. */
const execArgv = ["--import", pathToFileURL(loader).href];
const otherProcess = new URL("./sqlite-elsewhere.mjs", import.meta.url).href;

let directory: string;
let file: string;
const opened: MetadataStore[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tenon-sqlite-"));
  file = join(directory, "metadata.sqlite");
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.dispose?.();
  await rm(directory, { recursive: true, force: true });
});

async function open(...options: Parameters<typeof openSqlite> extends [string, ...infer R] ? R : never) {
  const store = await openSqlite(file, ...options);
  opened.push(store);
  return store;
}

describe("the metadata store in SQLite", () => {
  testMetadataStore({
    test,
    create: async () => {
      return {
        store: await openSqlite(file),
        openAgain: () => openSqlite(file),
        elsewhere: { module: otherProcess, argument: file, execArgv },
      };
    },
  });
});

describe("where it lies", () => {
  const context = (config: SqliteConfig) =>
    ({
      config,
      project: { name: "p", root: directory, stateDirectory: join(directory, ".tenon") },
    }) as ComponentContext<SqliteConfig>;

  test("it lies in the state directory if nothing else is said, which is made", async () => {
    opened.push(await create(context({})));
    expect((await readFile(join(directory, ".tenon/metadata.sqlite"))).toString("latin1", 0, 15)).toBe(
      "SQLite format 3",
    );
  });

  test("a relative file lies under the project's root", async () => {
    opened.push(await create(context({ file: "a/b ü.sqlite" })));
    expect((await readFile(join(directory, "a/b ü.sqlite"))).length).toBeGreaterThan(0);
  });
});

describe("settings", () => {
  test("what is written survives a killed process by default, and a loss of power if that is wished for", async () => {
    for (const durability of ["process", "power"] as const) {
      const store = await open({ durability });
      await store.put([{ key: durability, value: "1" }]);
      expect(await store.get(durability)).toBe("1");
    }
  });

  test("eight processes that open an empty directory at once all get the same store", async () => {
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => openSqlite(join(directory, "new/metadata.sqlite"))),
    );
    opened.push(...stores);
    const results = await Promise.all(stores.map((store) => store.insert([{ key: "first", value: "1" }])));
    expect(results.filter(({ inserted }) => inserted)).toHaveLength(1);
  });

  test("a process that is killed while it writes leaves all of a write or nothing of it", async () => {
    const script = `
      const { open } = await import(process.argv[1]);
      const store = await open(process.argv[2]);
      for (let round = 0; ; round++) {
        await store.put(Array.from({ length: 50 }, (_, index) => ({ key: "k/" + index, value: String(round) })));
        if (round === 20) process.stdout.write("going");
      }`;
    const parameters = [...execArgv, "--input-type=module", "--eval", script, "--", otherProcess, file];
    const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    const store = await open();
    const found = await store.scan("k/");
    expect(found).toHaveLength(50);
    expect(new Set(found.map(({ value }) => value)).size).toBe(1);
    await store.put([{ key: "k/0", value: "goes on" }]);
  });
});

describe("bad files", () => {
  test("a file that is not SQLite is refused and left alone", async () => {
    const text = "# Notes\n\nThese are mine, and there are more than a hundred bytes of them.\n".repeat(20);
    for (const contents of [text, "x", "SQLite format 2"]) {
      await writeFile(file, contents);
      await expect(open()).rejects.toMatchObject({
        code: "STORE_NOT_A_DATABASE",
        found: expect.stringContaining(file),
      });
      expect(await readFile(file, "utf8")).toBe(contents);
    }
  });

  test("a directory in the file's place is refused", async () => {
    await mkdir(join(file, "something"), { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: "STORE_NOT_A_DATABASE" });
  });

  test("an empty file becomes a store", async () => {
    await writeFile(file, "");
    await (await open()).put([{ key: "a", value: "1" }]);
  });

  test("a damaged database is called damaged", async () => {
    const store = await openSqlite(file);
    await store.put(Array.from({ length: 2000 }, (_, index) => ({ key: `k/${index}`, value: "v".repeat(100) })));
    await store.dispose?.();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0x5a, 4096));
    const damaged = open().then(async (store) => {
      await store.scan("");
      await store.put([{ key: "k/1000", value: "2" }]);
    });
    await expect(damaged).rejects.toMatchObject({ code: "STORE_CORRUPT" });
  });

  test("a ledger of a newer format is refused, and an older version of Tenon leaves it alone", async () => {
    const newer = JSON.stringify({ format: 99, ledger: "l", created: "2030-01-01T00:00:00.000Z" });
    const store = await open();
    await store.put([{ key: "tenon", value: newer }]);
    await expect(openLedger(store, { project: "p" })).rejects.toMatchObject({ code: "STORE_TOO_NEW" });
    expect(await store.scan("")).toEqual([{ key: "tenon", value: newer }]);
  });

  test("a locked file is waited for as long as is set, then given up", async () => {
    await open();
    // The other connection comes to hold a lock that nothing but its end undoes.
    const holder = await openSqlite(file, {}, ["locking_mode = EXCLUSIVE"]);
    await holder.put([{ key: "a", value: "1" }]).catch(() => {});
    const result = open({ busyTimeout: 50 }).then((store) => store.put([{ key: "b", value: "1" }]));
    await expect(result).rejects.toMatchObject({ code: "STORE_LOCKED", found: expect.stringContaining(file) });
    await holder.dispose?.();
  });

  test("a disk that is full is called full, and what was written before stays", async () => {
    const store = await open({}, ["max_page_count = 20"]);
    await store.put([{ key: "before", value: "1" }]);
    const large = [{ key: "large", value: "x".repeat(1_000_000) }];
    await expect(store.put(large)).rejects.toMatchObject({ code: "STORE_FULL" });
    await expect(store.insert(large)).rejects.toMatchObject({ code: "STORE_FULL" });
    expect(await store.get("before")).toBe("1");
    expect(await store.get("large")).toBeUndefined();
  });

  test("a database that may only be read is refused", async () => {
    const store = await openSqlite(file);
    await store.put([{ key: "a", value: "1" }]);
    await store.dispose?.();
    await chmod(file, 0o444);
    await chmod(directory, 0o555);
    try {
      expect(await outcomeAsNobody(`put [{ key: "b", value: "1" }]`)).toBe("STORE_READ_ONLY");
    } finally {
      await chmod(directory, 0o755);
    }
  });

  test("a directory that may only be read is refused", async () => {
    await chmod(directory, 0o555);
    try {
      expect(await outcomeAsNobody("open")).toBe("STORE_READ_ONLY");
    } finally {
      await chmod(directory, 0o755);
    }
  });

  test("use after dispose is refused", async () => {
    const store = await openSqlite(file);
    await store.dispose?.();
    await expect(store.get("a")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  });
});

describe("what happens behind its back", () => {
  test("a write to a deleted file fails, since it would be lost", async () => {
    const store = await open();
    await store.put([{ key: "a", value: "1" }]);
    await rm(file);
    await expect(store.put([{ key: "b", value: "1" }])).rejects.toMatchObject({ code: "STORE_VANISHED" });
    await expect(store.insert([{ key: "c", value: "1" }])).rejects.toMatchObject({ code: "STORE_VANISHED" });
  });

  test("a write fails after the whole state directory was deleted", async () => {
    file = join(directory, "state/metadata.sqlite");
    const store = await open();
    await store.put([{ key: "a", value: "1" }]);
    await rm(join(directory, "state"), { recursive: true });
    await expect(store.delete(["a"])).rejects.toMatchObject({ code: "STORE_VANISHED" });
  });

  test("a write fails after another file was put in its place", async () => {
    const store = await open();
    await store.put([{ key: "a", value: "1" }]);
    const other = await openSqlite(join(directory, "other.sqlite"));
    await other.put([{ key: "a", value: "other" }]);
    await other.dispose?.();
    await rename(join(directory, "other.sqlite"), file);
    await expect(store.put([{ key: "b", value: "1" }])).rejects.toMatchObject({ code: "STORE_VANISHED" });
  });
});

/** What comes of opening the file, or of a write to it, in a process without special rights. */
async function outcomeAsNobody(operation: string): Promise<string> {
  const write = operation.startsWith("put ") ? `await store.put(${operation.slice(4)});` : "";
  const script = `
    const { open } = await import(process.argv[1]);
    if (process.getuid?.() === 0) process.setuid(65534);
    try {
      const store = await open(process.argv[2]);
      ${write}
      process.stdout.write("done");
    } catch (error) {
      process.stdout.write(String(error.code));
    }
    process.exit();`;
  const parameters = [...execArgv, "--input-type=module", "--eval", script, "--", otherProcess, file];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  await once(child, "close");
  return output;
}
