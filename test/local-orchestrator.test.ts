import { stack } from "@tenon/core";
import { testOrchestrator } from "@tenon/core/testing";
import { filesystem, local, sqlite } from "@tenon/plugin-local";
import { describe, test } from "vitest";
import { Project } from "./project.js";

function create(isolation: "none" | "process") {
  return () => {
    const project = new Project();
    const orchestrator = local({ concurrency: 3, isolation });
    return {
      root: project.directory,
      stateDirectory: project.path(".tenon"),
      stack: stack({ name: "local", orchestrator, artifactStore: filesystem(), metadataStore: sqlite() }),
      dispose: () => project.remove(),
    };
  };
}

describe("steps in this process", () => {
  testOrchestrator({ test, create: create("none") });
});

describe("steps in processes of their own", () => {
  testOrchestrator({ test, create: create("process") });
});
