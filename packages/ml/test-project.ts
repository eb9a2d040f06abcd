import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Client,
  type PipelineDefinition,
  type PipelineOutputs,
  type RunResult,
  registerMaterializer,
  run,
} from "@tenon/core";
import integration from "./src/integration.js";

// The sources' materializers, so that values are of the same classes that the tests import.
for (const materializer of integration.materializers) registerMaterializer(materializer);

export interface TestProject extends Disposable, AsyncDisposable {
  readonly directory: string;
  readonly client: Client;
  run<P extends PipelineDefinition>(
    pipeline: P,
    params?: Record<string, unknown>,
  ): Promise<RunResult<PipelineOutputs<P>>>;
}

/** An empty project on the stores of one machine, removed after use: `await using project = testProject()`. */
export function testProject(): TestProject {
  const directory = mkdtempSync(join(tmpdir(), "tenon-ml-"));
  const scope = join(directory, "node_modules", "@tenon");
  mkdirSync(scope, { recursive: true });
  for (const name of ["core", "plugin-local"]) {
    symlinkSync(join(import.meta.dirname, "node_modules", "@tenon", name), join(scope, name), "dir");
  }
  const dependencies = { "@tenon/core": "*", "@tenon/plugin-local": "*" };
  writeFileSync(join(directory, "package.json"), JSON.stringify({ name: "test", type: "module", dependencies }));
  writeFileSync(join(directory, "tenon.yaml"), "project: test\n");
  const client = new Client({ directory });
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  return {
    directory,
    client,
    run: (pipeline, params = {}) => run(pipeline, { directory, params } as never) as never,
    [Symbol.dispose]: remove,
    async [Symbol.asyncDispose]() {
      await client.close();
      remove();
    },
  };
}
