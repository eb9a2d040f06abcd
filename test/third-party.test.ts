import { readFileSync } from "node:fs";
import { join } from "node:path";
import { testArtifactStore, testIntegration, testMaterializer } from "@tenon/core/testing";
import { describe, expect, test } from "vitest";
import { workspace } from "./sources.js";

const directory = join(workspace, "examples/third-party-integration");
const text = (name: string): string => readFileSync(join(directory, name), "utf8");
const { create, materializer } = await import(join(directory, "scratch.js"));

describe("an integration that somebody else wrote", () => {
  testArtifactStore({ test, create });
  testMaterializer({
    test,
    materializer,
    samples: () => [new URL("https://example.org/a?b=c#d"), new URL("file:///with%20space")],
  });
  testIntegration({ test, package: directory });

  test("has at most 40 lines, manifest included", () => {
    // Counted: every line of code that is not blank, and the manifest, which is the field `tenon` of package.json.
    const filled = (lines: string): number => lines.split("\n").filter((line) => line.trim() !== "").length;
    const manifest = /^ {2}"tenon": \{\n[\s\S]*?^ {2}\}/m.exec(text("package.json"))?.[0] ?? "";
    expect(filled(manifest)).toBeGreaterThan(4);
    expect(filled(text("index.js")) + filled(text("scratch.js")) + filled(manifest)).toBeLessThanOrEqual(40);
  });
});
