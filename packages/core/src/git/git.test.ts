import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkout } from "./checkout.js";
import { committedState } from "./committed-state.js";
import { gitState, repositoryRoot } from "./repository.js";
import { resolveCommit } from "./resolve-commit.js";

let place: string;
let root: string;
let cacheDirectory: string;

beforeEach(async () => {
  place = await realpath(await mkdtemp(join(tmpdir(), "tenon git ")));
  root = join(place, "repo");
  cacheDirectory = join(place, "checkouts");
  mkdirSync(root);
  git("init", "--quiet", "--initial-branch=main");
});
afterEach(() => rm(place, { recursive: true, force: true }));

const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "protocol.file.allow=always"];

function gitIn(directory: string, ...args: string[]): string {
  return execFileSync("git", [...identity, ...args], { cwd: directory, encoding: "utf8", stdio: "pipe" });
}

function git(...args: string[]): string {
  return gitIn(root, ...args);
}

function write(path: string, content: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

function commit(files: Record<string, string> = {}): string {
  for (const [path, content] of Object.entries(files)) write(path, content);
  git("add", "--all");
  git("commit", "--quiet", "--allow-empty", "--message=change");
  return git("rev-parse", "HEAD").trim();
}

/** Everything below a directory with its bytes: nothing may differ afterwards. */
function snapshot(directory: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, `${statSync(file).mtimeMs} ${readFileSync(file, "base64")}`]),
  );
}

describe("the state of a directory", () => {
  test("is undefined where there is no repository, and where there is no directory", async () => {
    expect(await gitState(place)).toBeUndefined();
    expect(await gitState(join(place, "nowhere"))).toBeUndefined();
  });

  test("is undefined without the program git", async () => {
    commit({ "a.ts": "1" });
    const path = process.env.PATH;
    process.env.PATH = place;
    try {
      expect(await gitState(root)).toBeUndefined();
      await expect(repositoryRoot(root)).rejects.toMatchObject({ code: "GIT_UNAVAILABLE" });
    } finally {
      process.env.PATH = path;
    }
  });

  test("has no commit as long as nothing is committed", async () => {
    expect(await gitState(root)).toEqual({ root, commit: undefined, dirty: false });
  });

  test("tells the commit from any directory inside, whatever a Git hook's environment says", async () => {
    const id = commit({ "deep/er/a.ts": "1" });
    process.env.GIT_DIR = join(place, "elsewhere");
    try {
      expect(await gitState(join(root, "deep/er"))).toEqual({ root, commit: id, dirty: false });
    } finally {
      delete process.env.GIT_DIR;
    }
  });

  test("is dirty by a change, staged or not, but not by an untracked file", async () => {
    commit({ "a.ts": "1", "b.ts": "1" });
    write("new.ts", "1");
    expect(await gitState(root)).toMatchObject({ dirty: false });
    write("a.ts", "2");
    expect(await gitState(root)).toMatchObject({ dirty: true });
    git("add", "a.ts");
    expect(await gitState(root)).toMatchObject({ dirty: true });
  });

  test("leaves the index as it is, even one with outdated times", async () => {
    commit({ "a.ts": "1" });
    write("a.ts", "1");
    const before = snapshot(join(root, ".git"));
    await gitState(root);
    await committedState(root, ["a.ts"]);
    expect(snapshot(join(root, ".git"))).toEqual(before);
  });
});

describe("whether files are committed", () => {
  test("names those that are modified, untracked, ignored or gone, as they were given", async () => {
    const id = commit({ "a.ts": "1", "b.ts": "1", "gone.ts": "1", ".gitignore": "ignored.ts\n" });
    write("b.ts", "2");
    write("new.ts", "1");
    write("ignored.ts", "1");
    rmSync(join(root, "gone.ts"));
    const files = ["a.ts", join(root, "b.ts"), "new.ts", "ignored.ts", "gone.ts", ".gitignore"];
    expect(await committedState(root, files)).toMatchObject({
      commit: id,
      uncommitted: [join(root, "b.ts"), "new.ts", "ignored.ts", "gone.ts"],
    });
  });

  test("counts a staged change as uncommitted, and sees through assume-unchanged", async () => {
    commit({ "a.ts": "1", "b.ts": "1" });
    write("a.ts", "2");
    git("add", "a.ts");
    git("update-index", "--assume-unchanged", "b.ts");
    write("b.ts", "2");
    expect((await committedState(root, ["a.ts", "b.ts"])).uncommitted).toEqual(["a.ts", "b.ts"]);
  });

  test("counts everything as uncommitted before the first commit", async () => {
    write("a.ts", "1");
    git("add", "a.ts");
    expect(await committedState(root, ["a.ts"])).toMatchObject({ commit: undefined, uncommitted: ["a.ts"] });
  });

  test("distinguishes names by case", async () => {
    commit({ "step.ts": "1" });
    write("Step.ts", "1");
    expect((await committedState(root, ["step.ts", "Step.ts"])).uncommitted).toEqual(["Step.ts"]);
  });

  test("reads names as names: with spaces, quotes, line breaks, stars and dashes", async () => {
    const names = ["a b.ts", 'quo"te.ts', "line\nbreak.ts", "*.ts", "-n", "back\\slash.ts", "ünïcode.ts", ":(top)x"];
    commit(Object.fromEntries(names.map((name) => [name, name])));
    expect((await committedState(root, names)).uncommitted).toEqual([]);
    for (const name of names) write(name, "changed");
    expect((await committedState(root, names)).uncommitted).toEqual(names);
  });

  test("follows symbolic links: the link and what it leads to have to be committed", async () => {
    write("real/a.ts", "1");
    symlinkSync("real", join(root, "linked"));
    symlinkSync("real/a.ts", join(root, "a.ts"));
    commit();
    symlinkSync("real", join(root, "new-link"));
    symlinkSync("loop", join(root, "loop"));
    writeFileSync(join(place, "outside.ts"), "1");
    symlinkSync("../outside.ts", join(root, "outside.ts"));
    commit({});
    git("rm", "--quiet", "--cached", "new-link");
    git("commit", "--quiet", "--message=unlink");
    const files = ["linked/a.ts", "a.ts", "new-link/a.ts", "loop", "outside.ts"];
    expect((await committedState(root, files)).uncommitted).toEqual(["new-link/a.ts", "loop", "outside.ts"]);
    write("real/a.ts", "2");
    expect((await committedState(root, ["linked/a.ts", "a.ts"])).uncommitted).toEqual(["linked/a.ts", "a.ts"]);
  });

  test("finds files that are named through a link above the repository", async () => {
    commit({ "src/a.ts": "1" });
    symlinkSync(root, join(place, "alias"));
    const file = join(place, "alias/src/a.ts");
    expect((await committedState(join(place, "alias"), [file])).uncommitted).toEqual([]);
  });

  test("counts a submodule's files as uncommitted", async () => {
    const other = join(place, "other");
    mkdirSync(other);
    gitIn(other, "init", "--quiet");
    writeFileSync(join(other, "lib.ts"), "1");
    gitIn(other, "add", ".");
    gitIn(other, "commit", "--quiet", "--message=lib");
    git("submodule", "--quiet", "add", other, "vendor");
    commit({ "a.ts": "1" });
    expect((await committedState(root, ["a.ts", "vendor/lib.ts"])).uncommitted).toEqual(["vendor/lib.ts"]);
  });

  test("does not mind line ends that Git itself converts", async () => {
    write(".gitattributes", "*.ts text eol=crlf\n");
    commit({ "a.ts": "one\r\ntwo\r\n" });
    expect((await committedState(root, ["a.ts"])).uncommitted).toEqual([]);
    git("config", "core.autocrlf", "true");
    write("a.ts", "one\r\nTWO\r\n");
    expect((await committedState(root, ["a.ts"])).uncommitted).toEqual(["a.ts"]);
  });

  test("works in a shallow clone and for more files than a command line holds", async () => {
    const many = Object.fromEntries(Array.from({ length: 700 }, (_, number) => [`src/part-${number}.ts`, `${number}`]));
    commit({ "a.ts": "1" });
    commit(many);
    gitIn(place, "clone", "--quiet", "--depth=1", `file://${root}`, "shallow");
    const clone = join(place, "shallow");
    appendFileSync(join(clone, "src/part-512.ts"), "!");
    expect((await committedState(clone, Object.keys(many))).uncommitted).toEqual(["src/part-512.ts"]);
  });
});

describe("resolving a commit", () => {
  test("takes ids, their beginnings, branches and tags", async () => {
    const id = commit({ "a.ts": "1" });
    git("tag", "--annotate", "--message=one", "v1");
    for (const revision of [id, id.slice(0, 8), "main", "v1", "HEAD"]) {
      expect(await resolveCommit(root, revision)).toBe(id);
    }
  });

  test("suggests the nearest name, and refuses what git would read as an option", async () => {
    commit({ "a.ts": "1" });
    await expect(resolveCommit(root, "mainn")).rejects.toThrow("Did you mean 'main'?");
    for (const revision of ["--all", "", "HEAD\n--all", "main:a.ts", "0000000"]) {
      await expect(resolveCommit(root, revision)).rejects.toMatchObject({ code: "COMMIT_UNKNOWN" });
    }
    await expect(resolveCommit(place, "main")).rejects.toMatchObject({ code: "GIT_REPOSITORY_MISSING" });
  });

  test("says of a shallow clone that it is one", async () => {
    const first = commit({ "a.ts": "1" });
    commit({ "a.ts": "2" });
    gitIn(place, "clone", "--quiet", "--depth=1", `file://${root}`, "shallow");
    await expect(resolveCommit(join(place, "shallow"), first)).rejects.toThrow("--unshallow");
  });
});

describe("a checkout", () => {
  test("holds the commit's files and leaves changes, index, HEAD and worktrees byte for byte as they were", async () => {
    const old = commit({ "src/a.ts": "old", "deleted.ts": "old" });
    rmSync(join(root, "deleted.ts"));
    commit({ "src/a.ts": "new" });
    write("src/a.ts", "not staged");
    write("staged.ts", "staged");
    git("add", "staged.ts");
    write("staged.ts", "staged and changed");
    write("untracked.ts", "untracked");
    const status = git("status", "--porcelain");
    const before = snapshot(root);

    const made = await checkout(old.slice(0, 10), { repository: join(root, "src"), cacheDirectory });

    expect(snapshot(root)).toEqual(before);
    expect(git("status", "--porcelain")).toBe(status);
    expect(git("worktree", "list").trim().split("\n")).toHaveLength(1);
    expect(made).toMatchObject({ commit: old, cached: false, submodules: [] });
    expect(readdirSync(made.directory).sort()).toEqual(["deleted.ts", "src"]);
    expect(readFileSync(join(made.directory, "src/a.ts"), "utf8")).toBe("old");
  });

  test("is made once, and left alone if its files were changed", async () => {
    const id = commit({ "a.ts": "1" });
    const options = { repository: root, cacheDirectory };
    const first = await checkout(id, options);
    mkdirSync(join(first.directory, "node_modules"));
    expect(await checkout("main", options)).toEqual({ ...first, cached: true });

    writeFileSync(join(first.directory, "a.ts"), "tampered");
    const second = await checkout(id, options);
    expect(second.directory).not.toBe(first.directory);
    expect(readFileSync(join(second.directory, "a.ts"), "utf8")).toBe("1");
    expect(readFileSync(join(first.directory, "a.ts"), "utf8")).toBe("tampered");
    expect(await checkout(id, options)).toEqual({ ...second, cached: true });
  });

  test("is never taken from one that was not finished", async () => {
    const id = commit({ "a.ts": "1", "b.ts": "1" });
    mkdirSync(join(cacheDirectory, id, "tree"), { recursive: true });
    writeFileSync(join(cacheDirectory, id, "tree/a.ts"), "half");
    const made = await checkout(id, { repository: root, cacheDirectory });
    expect(readdirSync(made.directory)).toEqual(["a.ts", "b.ts"]);
  });

  test("can be asked for many times at once: one is made, and nothing is left lying about", async () => {
    const id = commit(Object.fromEntries(Array.from({ length: 50 }, (_, number) => [`f${number}.ts`, `${number}`])));
    const all = await Promise.all(Array.from({ length: 6 }, () => checkout(id, { repository: root, cacheDirectory })));
    expect(new Set(all.map((one) => one.directory)).size).toBe(1);
    expect(all.filter((one) => !one.cached)).toHaveLength(1);
    expect(readdirSync(cacheDirectory)).toEqual([id]);
  });

  test("has files that archives leave out, and neither substitutes text nor runs hooks", async () => {
    write(".gitattributes", "hidden.ts export-ignore\nversion.ts export-subst\n");
    const id = commit({ "hidden.ts": "1", "version.ts": "$Format:%H$", "run.sh": "#!/bin/sh\n" });
    for (const hook of ["post-checkout", "post-index-change"]) {
      write(`.git/hooks/${hook}`, `#!/bin/sh\ntouch '${join(place, "hook-ran")}'\n`);
      chmodSync(join(root, ".git/hooks", hook), 0o755);
    }
    const { directory } = await checkout(id, { repository: root, cacheDirectory });
    expect(readFileSync(join(directory, "version.ts"), "utf8")).toBe("$Format:%H$");
    expect(existsSync(join(directory, "hidden.ts"))).toBe(true);
    expect(existsSync(join(place, "hook-ran"))).toBe(false);
  });

  test("is whole where the user's own checkout is sparse, and works from a linked worktree", async () => {
    const id = commit({ "a/a.ts": "1", "b/b.ts": "1" });
    git("sparse-checkout", "set", "a");
    expect(existsSync(join(root, "b"))).toBe(false);
    git("worktree", "add", "--quiet", "--detach", join(place, "linked"));
    for (const [number, repository] of [root, join(place, "linked")].entries()) {
      const { directory } = await checkout(id, { repository, cacheDirectory: join(cacheDirectory, `${number}`) });
      expect(readdirSync(directory)).toEqual(["a", "b"]);
    }
  });

  test("applies the repository's filters, and says what failed when one is missing", async () => {
    write(".gitattributes", "*.txt filter=shout\n");
    git("config", "filter.shout.clean", "tr A-Z a-z");
    git("config", "filter.shout.smudge", "tr a-z A-Z");
    git("config", "filter.shout.required", "true");
    const id = commit({ "a.txt": "HELLO" });
    const { directory } = await checkout(id, { repository: root, cacheDirectory });
    expect(readFileSync(join(directory, "a.txt"), "utf8")).toBe("HELLO");

    git("config", "filter.shout.smudge", "no-such-program-anywhere");
    await expect(checkout(id, { repository: root, cacheDirectory: join(place, "others") })).rejects.toMatchObject({
      code: "CHECKOUT_FAILED",
      found: expect.stringMatching(/filter.*failed/),
      fix: expect.stringContaining("filters"),
    });
    expect(readdirSync(join(place, "others"))).toEqual([]);
  });

  test("names submodules, which it leaves empty", async () => {
    const other = join(place, "other");
    mkdirSync(other);
    gitIn(other, "init", "--quiet");
    gitIn(other, "commit", "--quiet", "--allow-empty", "--message=lib");
    git("submodule", "--quiet", "add", other, "vendor");
    const id = commit({ "a.ts": "1" });
    const made = await checkout(id, { repository: root, cacheDirectory });
    expect(made.submodules).toEqual(["vendor"]);
    expect(await checkout(id, { repository: root, cacheDirectory })).toEqual({ ...made, cached: true });
  });
});
