import { stack } from "@tenon/core";
import { testOrchestrator } from "@tenon/core/testing";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { test } from "vitest";
import { Project } from "./project.js";

testOrchestrator({
  test,
  prefix: "child processes",
  create: async () => {
    const project = new Project();
    project.link("tenon-child-processes", "test/integrations/child-processes");
    const { childProcesses } = await import("./integrations/child-processes/index.js");
    return {
      root: project.directory,
      stateDirectory: project.path(".tenon"),
      stack: stack({
        name: "children",
        orchestrator: childProcesses({ parallel: 2 }),
        artifactStore: filesystem(),
        metadataStore: sqlite(),
      }),
      dispose: () => project.remove(),
    };
  },
});
