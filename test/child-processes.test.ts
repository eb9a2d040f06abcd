import { stack } from "@tenon/core";
import { testOrchestrator } from "@tenon/core/testing";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { expect, test } from "vitest";
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
      // A second process of an attempt may outlive its run, and write to the project while it goes.
      dispose: () => expect.poll(() => removed(project), { timeout: 30_000 }).toBe(true),
    };
  },
});

function removed(project: Project): boolean {
  try {
    project.remove();
    return true;
  } catch {
    return false;
  }
}
