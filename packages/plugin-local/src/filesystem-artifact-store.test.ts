import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { TenonError } from "@tenon/core";
import { testArtifactStore } from "@tenon/core/testing";
import { test } from "vitest";
import { create, FilesystemArtifactStore, type FilesystemOptions } from "./filesystem-artifact-store.js";
import { storeError } from "./filesystem-errors.js";

const settings: Record<string, FilesystemOptions> = {
  "on this file system": {},
  "with names for file systems that fold case": { names: "folded" },
  "surviving a loss of power": { durability: "power" },
};
for (const [prefix, options] of Object.entries(settings)) {
  testArtifactStore({
    test,
    prefix,
    create: async () => {
      const root = await mkdtemp(join(tmpdir(), "tenon-store-"));
      return {
        store: new FilesystemArtifactStore(root, options),
        openAgain: () => new FilesystemArtifactStore(root, options),
        destroy: () => rm(root, { recursive: true, force: true }),
      };
    },
  });
}

async function withRoot(body: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "tenon-store-"));
  try {
    await body(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function text(store: FilesystemArtifactStore, key: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(key)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

test("objects have the names of their keys on disk, and uri says where", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("penguins.model/01J/data/value.json", Buffer.from("1"));
    const path = store.uri("penguins.model/01J/data/value.json");
    assert.equal(path, join(await realpath(root), "objects/penguins.model~/01J/data/value.json"));
    assert.equal(await readFile(path, "utf8"), "1");
  }));

test("nothing is made before the first write", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(join(root, "later"));
    assert.equal(await store.stat("a"), undefined);
    assert.deepEqual(await store.list(""), { entries: [] });
    await store.delete("a");
    await assert.rejects(text(store, "a"), { code: "ARTIFACT_MISSING" });
    assert.deepEqual(await readdir(root), []);
  }));

test("a symbolic link inside the store is not followed, neither as a directory nor as an object", () =>
  withRoot(async (root) => {
    const outside = join(root, "outside");
    await mkdir(outside);
    await writeFile(join(outside, "secret.txt"), "secret");
    const store = new FilesystemArtifactStore(join(root, "store"));
    await store.write("dir/real.txt", Buffer.from("x"));
    await symlink(outside, join(root, "store/objects/dir/link"));
    await symlink(join(outside, "secret.txt"), join(root, "store/objects/dir/alias.txt"));
    for (const key of ["dir/link/secret.txt", "dir/alias.txt"]) {
      await assert.rejects(text(store, key), { code: "STORE_CORRUPT" });
      await assert.rejects(store.stat(key), { code: "STORE_CORRUPT" });
      await assert.rejects(store.delete(key), { code: "STORE_CORRUPT" });
    }
    for (const key of ["dir/link/secret.txt", "dir/link/new.txt", "dir/link/deep/new.txt"]) {
      await assert.rejects(store.write(key, Buffer.from("mine")), { code: "STORE_CORRUPT" });
    }
    assert.deepEqual((await store.list("")).entries, [{ key: "dir/real.txt", size: 1 }]);
    await assert.rejects(store.list("dir/link/"), { code: "STORE_CORRUPT" });
    assert.deepEqual(await readdir(outside), ["secret.txt"]);
    assert.equal(await readFile(join(outside, "secret.txt"), "utf8"), "secret");
  }));

test("a directory that was in use and became a link is noticed, at any depth", () =>
  withRoot(async (root) => {
    const outside = join(root, "outside");
    for (const replaced of ["a", "a/b"]) {
      const path = join(root, replaced.replace("/", "-"));
      const store = new FilesystemArtifactStore(path);
      await store.write("a/b/one", Buffer.from("x"));
      await store.write("a/b/two", Buffer.from("x"));
      await mkdir(join(outside, "b"), { recursive: true });
      await writeFile(join(outside, "one~"), "secret");
      await writeFile(join(outside, "b/one~"), "secret");
      await rm(join(path, "objects", replaced), { recursive: true });
      await symlink(outside, join(path, "objects", replaced));
      await assert.rejects(store.write("a/b/three", Buffer.from("mine")), { code: "STORE_CORRUPT" });
      await assert.rejects(text(store, "a/b/one"), { code: "STORE_CORRUPT" });
      await assert.rejects(store.stat("a/b/one"), { code: "STORE_CORRUPT" });
      await assert.rejects(store.delete("a/b/one"), { code: "STORE_CORRUPT" });
    }
  }));

test("the root itself may be reached through a link", () =>
  withRoot(async (root) => {
    await mkdir(join(root, "real"));
    await symlink(join(root, "real"), join(root, "alias"));
    const store = new FilesystemArtifactStore(join(root, "alias"));
    await store.write("a/b", Buffer.from("x"));
    assert.equal(await text(new FilesystemArtifactStore(join(root, "real")), "a/b"), "x");
  }));

test("a root that is deleted while it is in use is said to have vanished", () =>
  withRoot(async (root) => {
    const path = join(root, "store");
    const store = new FilesystemArtifactStore(path);
    await store.write("a", Buffer.from("x"));
    await rm(path, { recursive: true });
    await assert.rejects(store.write("b", Buffer.from("x")), { code: "STORE_VANISHED" });
    await assert.rejects(store.write("c", Buffer.alloc(1_000_000)), { code: "STORE_VANISHED" });
    await assert.rejects(text(store, "a"), { code: "STORE_VANISHED" });
    await assert.rejects(store.stat("a"), { code: "STORE_VANISHED" });
    await assert.rejects(store.list(""), { code: "STORE_VANISHED" });
    assert.deepEqual(await readdir(root), [], "it is not made anew behind the user's back");
  }));

test("a temporary directory that was cleaned away is made again", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("a", Buffer.from("x"));
    await rm(join(root, "tmp"), { recursive: true });
    await store.write("b", Buffer.from("y"));
    assert.equal(await text(store, "b"), "y");
  }));

test("what a killed process has left half-written is removed by the next one, what a living one writes is not", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("a", Buffer.from("x"));
    const dead = spawnSync(process.execPath, ["-e", ""]).pid;
    const stale = join(root, "tmp", `${hostname()}-${dead}-abc`);
    await mkdir(stale);
    await writeFile(join(stale, "1"), "half");
    const living = join(root, "tmp", `${hostname()}-${process.pid}-abc`);
    await mkdir(living);
    const old = join(root, "tmp", "elsewhere-1-abc");
    await mkdir(old);
    await utimes(old, new Date(0), new Date(0));
    const next = new FilesystemArtifactStore(root);
    await next.write("b", Buffer.from("y"));
    const left = await readdir(join(root, "tmp"));
    assert.ok(!left.includes(basename(stale)), "the dead process's");
    assert.ok(!left.includes(basename(old)), "an old one of another host");
    assert.ok(left.includes(basename(living)), "a living process's");
    next.dispose();
    store.dispose();
    assert.deepEqual(await readdir(join(root, "tmp")), [basename(living)]);
  }));

test("failed and lost writes leave no temporary file", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("a", Buffer.from("x"));
    await store.write("a", Buffer.from("y"), { ifAbsent: true });
    const failing = (async function* () {
      yield Buffer.alloc(2_000_000);
      throw new Error("broken");
    })();
    await assert.rejects(store.write("b", failing), /broken/);
    const files = await readdir(join(root, "tmp"), { recursive: true, withFileTypes: true });
    assert.deepEqual(
      files.filter((entry) => entry.isFile()),
      [],
    );
  }));

test("deleting the last object of a directory removes the directory", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("a/b/c", Buffer.from("x"));
    await store.delete("a/b/c");
    assert.deepEqual(await readdir(join(root, "objects")), []);
  }));

test("files that Tenon did not name are not listed", () =>
  withRoot(async (root) => {
    const store = new FilesystemArtifactStore(root);
    await store.write("a", Buffer.from("x"));
    await writeFile(join(root, "objects", "README"), "put here by hand");
    await writeFile(join(root, "objects", "%zz.txt"), "and this");
    assert.deepEqual((await store.list("")).entries, [{ key: "a", size: 1 }]);
  }));

test("a store of a newer format, and a broken marker, are refused", () =>
  withRoot(async (root) => {
    for (const [marker, code] of [
      ['{"format":2}', "STORE_TOO_NEW"],
      ["nonsense", "STORE_CORRUPT"],
    ] as const) {
      await writeFile(join(root, "store.json"), marker);
      await assert.rejects(new FilesystemArtifactStore(root).write("a", Buffer.from("x")), { code });
    }
  }));

test("what the file system refuses gets a coded error", () => {
  const refusals = {
    ENOSPC: "STORE_FULL",
    EDQUOT: "STORE_FULL",
    EACCES: "STORE_READ_ONLY",
    EROFS: "STORE_READ_ONLY",
    EIO: "STORE_UNAVAILABLE",
  };
  for (const [system, code] of Object.entries(refusals)) {
    const error = Object.assign(new Error(`${system}: refused`), { code: system });
    const coded = storeError(error, "writing 'a'", tmpdir());
    assert.ok(TenonError.is(coded) && coded.code === code && coded.cause === error, system);
  }
});

test("a full disk is said to be full, and nothing half-written stays", { skip: !canMount() }, () =>
  withRoot(async (root) => {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", root]);
    assert.equal(mounted.status, 0, String(mounted.stderr));
    try {
      const store = new FilesystemArtifactStore(root);
      await store.write("small", Buffer.alloc(1000));
      await assert.rejects(store.write("large", Buffer.alloc(5_000_000)), { code: "STORE_FULL" });
      for (let count = 0, full = false; !full; count += 1) {
        await store.write(`fill/${count}`, Buffer.alloc(100_000)).catch((error) => {
          assert.equal(error.code, "STORE_FULL");
          full = true;
        });
      }
      assert.equal((await text(store, "small")).length, 1000);
      assert.equal(await store.stat("large"), undefined);
      spawnSync("mount", ["-o", "remount,ro", root]);
      await assert.rejects(store.write("small", Buffer.alloc(10)), { code: "STORE_READ_ONLY" });
    } finally {
      spawnSync("umount", [root]);
    }
  }),
);

/** Whether a small file system can be had; containers often forbid it. */
function canMount(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(join(tmpdir(), "tenon-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", probe]).status === 0;
  if (mounted) spawnSync("umount", [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
}

test("the directory comes from the configuration, or lies in the state directory", () =>
  withRoot(async (root) => {
    const project = { name: "p", root, stateDirectory: join(root, ".tenon") };
    const context = { project } as unknown as Parameters<typeof create>[0];
    for (const [path, expected] of [
      [undefined, ".tenon/artifacts"],
      ["data/store", "data/store"],
    ] as const) {
      const store = create({ ...context, config: { path } });
      await store.write("a", Buffer.from("x"));
      assert.equal(store.uri("a"), join(await realpath(root), expected, "objects/a~"));
    }
  }));
