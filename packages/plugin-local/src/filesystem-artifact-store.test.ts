import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testArtifactStore } from "@tenon/core/testing";
import { test } from "vitest";
import { FilesystemArtifactStore, type FilesystemOptions } from "./filesystem-artifact-store.js";

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
