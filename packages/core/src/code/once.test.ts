import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { makeOnce } from "./once.js";

function directory(): string {
  const made = mkdtempSync(join(tmpdir(), "tenon-once-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe("a directory that is made once", () => {
  test("is made by one of many that want it, and is there for all of them", async () => {
    const top = directory();
    const place = join(top, "deep/place");
    let made = 0;
    const make = async (draft: string) => {
      made += 1;
      writeFileSync(join(draft, "file"), "whole");
      expect(existsSync(place)).toBe(false);
    };
    const results = await Promise.all(Array.from({ length: 8 }, () => makeOnce(place, make)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(made).toBe(1);
    expect(readFileSync(join(place, "file"), "utf8")).toBe("whole");
    expect(readdirSync(join(top, "deep"))).toEqual(["place"]);
  });

  test("that fails leaves nothing, and the next one tries again", async () => {
    const top = directory();
    const place = join(top, "place");
    const failing = makeOnce(place, async (draft) => {
      writeFileSync(join(draft, "half"), "");
      throw new Error("no room");
    });
    await expect(failing).rejects.toThrow("no room");
    expect(readdirSync(top)).toEqual([]);
    expect(await makeOnce(place, async () => {})).toBe(true);
  });

  test("is freed of what a killed process has left half made", async () => {
    const top = directory();
    mkdirSync(join(top, "place.0123456789ab"));
    writeFileSync(join(top, "place.0123456789ab/half"), "");
    mkdirSync(join(top, "place.kept"));
    expect(await makeOnce(join(top, "place"), async () => {})).toBe(true);
    expect(readdirSync(top).sort()).toEqual(["place", "place.kept"]);
  });

  test("is not waited for by one who is told to end", async () => {
    const top = directory();
    mkdirSync(join(top, "place.lock"));
    const waiting = makeOnce(join(top, "place"), async () => {}, AbortSignal.timeout(50));
    await expect(waiting).rejects.toThrow();
    expect(existsSync(join(top, "place"))).toBe(false);
  });
});
