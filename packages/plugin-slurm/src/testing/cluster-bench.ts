import { copyFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Client, type PipelineDefinition, type RunResult, run } from "@tenon/core";
import type { DatabaseServer, SlurmCluster } from "@tenon-test/servers";
import { expect } from "vitest";
import { ClusterProject } from "./cluster-project.js";

export const passwordVariable = "CLUSTER_DB_PASSWORD";

/** A project on a cluster, with metadata in a database and artifacts in a directory that all nodes see. */
export class ClusterBench {
  readonly project = new ClusterProject();
  readonly #cluster: SlurmCluster;

  constructor(cluster: SlurmCluster, database: DatabaseServer, orchestrator: Readonly<Record<string, unknown>> = {}) {
    this.#cluster = cluster;
    copyFileSync(fileURLToPath(new URL("faults.mjs", import.meta.url)), this.project.path("faults.mjs"));
    // Where jobs find what the submitting process has in its environment: on the nodes, and nowhere in Slurm.
    const secrets = this.project.write("secrets", `export ${passwordVariable}=${database.password}\n`);
    process.env[passwordVariable] = database.password;
    const { user, host, port, database: name } = database;
    const stack = {
      orchestrator: { flavor: "slurm/slurm", setup: [`. ${secrets}`], ...orchestrator },
      artifactStore: { flavor: "local/filesystem" },
      metadataStore: {
        flavor: "sql/mysql",
        uri: `mysql://${user}@${host}:${port}/${name}`,
        password: `\${env:${passwordVariable}}`,
        table: `faults_${Math.random().toString(36).slice(2)}`,
      },
    };
    this.project.write("tenon.yaml", JSON.stringify({ project: "faults", stacks: { cluster: stack } }));
  }

  pipelines(): Promise<{ through(name: string): PipelineDefinition; readonly forever: PipelineDefinition }> {
    return import(this.project.path("faults.mjs"));
  }

  async run(name: string, options: Partial<Parameters<typeof run>[1]> = {}): Promise<RunResult> {
    const { through } = await this.pipelines();
    return run(through(name), { ...this.options, ...options });
  }

  get options() {
    return { directory: this.project.directory, stack: "cluster", throwOnFailure: false } as const;
  }

  client(): Client {
    return new Client({ directory: this.project.directory, stack: "cluster" });
  }

  /** The jobs that have begun a gated step, one line each. */
  begun(name: string): { readonly job: string; readonly node: string; readonly process: number }[] {
    const file = this.project.path(`${name}.begun`);
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => {
      const [job = "", node = "", process] = line.split(" ");
      return { job, node, process: Number(process) };
    });
  }

  /** Waits until the step is in its middle. */
  async middle(name: string, times = 1) {
    await expect.poll(() => this.begun(name).length, { timeout: 50_000, interval: 50 }).toBe(times);
    return this.begun(name).at(-1) as { job: string; node: string; process: number };
  }

  open(name: string): void {
    this.project.write(`${name}.open`, "");
  }

  /** What everything ends with that ends well: the right value, and every artifact once. */
  async expectWhole(name: string, result: Pick<RunResult, "status" | "failures">): Promise<void> {
    expect(result.failures.map(({ error }) => String(error))).toEqual([]);
    expect(result.status).toBe("succeeded");
    const client = this.client();
    try {
      const last = await client.pipeline(name).runs.latest();
      expect(await last.outputs.end?.load()).toBe(`hello ${name}`);
      for (const artifact of [`${name}.gated`, `${name}.greeting`]) {
        let versions = 0;
        for await (const _ of client.artifacts.versions(artifact)) versions += 1;
        expect([artifact, versions]).toEqual([artifact, 1]);
      }
    } finally {
      await client.close();
    }
  }

  slurm(program: string, ...args: string[]): Promise<string> {
    return this.#cluster.client(program, ...args);
  }
}
