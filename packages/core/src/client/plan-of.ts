import { readFile } from "node:fs/promises";
import type { Plan } from "../contracts/plan.js";
import { TenonError } from "../errors.js";
import type { PipelineDefinition } from "../pipeline/pipeline.js";
import type { RunOptions } from "../program/run.js";
import { openKernel } from "./open-kernel.js";

export interface PlanText {
  readonly plan: Plan;
  /** Canonical YAML. */
  readonly text: string;
  /** Sentences, for people. */
  readonly warnings: readonly string[];
}

/** Compiles a pipeline without running any of its steps, and without opening any store. */
export async function compilePipeline(
  definition: PipelineDefinition,
  options: Pick<RunOptions, "params" | "paramsFile" | "paramTexts"> & { readonly directory: string },
): Promise<PlanText> {
  const { compile } = await import("../compiler/compile.js");
  const { parameterSources } = await import("../program/run.js");
  const { ArtifactVault } = await import("../artifacts/artifact-vault.js");
  const kernel = await openKernel({ cwd: options.directory });
  const { project, materializers } = kernel;
  const vault = new ArtifactVault({ store: noStore, materializers, root: "" });
  try {
    return await compile(definition, {
      project,
      parameters: await parameterSources(options),
      fingerprints: true,
      encode: async (value, type) => {
        const encoded = await vault.encode(value, type && { type });
        await encoded.dispose();
        return encoded;
      },
    });
  } finally {
    await vault.dispose();
    await kernel.dispose();
  }
}

/** @throws `PLAN_INVALID` */
export async function readPlanFile(path: string): Promise<PlanText> {
  const { readPlan } = await import("../compiler/read-plan.js");
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new TenonError("PLAN_INVALID", { doing: `reading the plan ${path}`, found: cause.message, cause });
  });
  return { plan: await readPlan(text, path), text, warnings: [] };
}

/** Encoding digests values; nothing may be stored by it. */
const noStore = new Proxy({} as never, {
  get: () => () => {
    throw new TenonError("INTERNAL", { doing: "compiling a pipeline", found: "something asked for a store" });
  },
});
