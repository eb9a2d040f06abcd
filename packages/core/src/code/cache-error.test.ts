import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { cacheError } from "./cache-error.js";
import { placeCode } from "./place-code.js";

const systemError = (code: string, syscall: string) =>
  Object.assign(new Error(`${code}: the system's own words, ${syscall}`), { code, syscall });

test("a machine whose cache is no directory, or cannot be written, is named with what to do", async () => {
  const directory = mkdtempSync(join(tmpdir(), "tenon-place-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "file"), "");
  const cache = join(directory, "file", "cache");
  const fetch = async () => expect.unreachable("there is no place for it");
  const placing = placeCode({ digest: "sha256:0", cache, runtime: directory, packages: "runtime", fetch });
  const message = expect.stringMatching(
    `Unpacking the run's code into ${cache} on ${hostname()}: ENOTDIR.*Let the user that runs jobs write there`,
  );
  await expect(placing).rejects.toMatchObject({ code: "CODE_NOT_INSTALLED", message });
});

test("a full disk and a file system that is read-only have words of their own, other errors stay what they are", () => {
  const said = (code: string, syscall: string) => (cacheError(systemError(code, syscall), "/cache") as Error).message;
  expect(said("ENOSPC", "write")).toMatch(/the system's own words.*Make room on that disk/);
  expect(said("EROFS", "mkdir")).toMatch(/Let the user/);
  expect(said("ENOENT", "mkdir")).toMatch(/Let the user/);
  const other = systemError("ENOENT", "open");
  expect(cacheError(other, "/cache")).toBe(other);
});
