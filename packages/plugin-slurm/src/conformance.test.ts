import { stack } from "@tenon/core";
import { testOrchestrator } from "@tenon/core/testing";
import { filesystem, sqlite } from "@tenon/plugin-local";
import { available, type SlurmCluster, slurm as server } from "@tenon-test/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { slurm } from "./index.js";
import { ClusterProject } from "./testing/cluster-project.js";

describe.skipIf(!available(server))("an orchestrator on a Slurm cluster", () => {
  let cluster: SlurmCluster;
  beforeAll(async () => {
    cluster = await server.start();
    process.env.SLURM_CONF = cluster.environment.SLURM_CONF;
  });
  afterAll(() => cluster.stop());

  testOrchestrator({
    test,
    create: () => {
      const project = new ClusterProject();
      return {
        root: project.directory,
        stateDirectory: project.path(".tenon"),
        stack: stack({
          name: "cluster",
          orchestrator: slurm({ jobs: 6 }),
          artifactStore: filesystem(),
          metadataStore: sqlite(),
        }),
        dispose: async () => {
          // A second job of an attempt may outlive its run, and writes to the project.
          await expect.poll(() => cluster.client("squeue", "--noheader"), { timeout: 30_000 }).toBe("");
          project.remove();
        },
      };
    },
  });
});
