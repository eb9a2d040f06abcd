import type { ModelStage } from "@tenon/core/internal";
import type { Invocation } from "../command.js";
import type { ExitCode } from "../exit-codes.js";

export async function stageModel(
  invocation: Invocation,
  reference: string,
  stage: string,
): Promise<ExitCode | undefined> {
  const { terminal, options } = invocation;
  // Whether there is such a stage is said by core, which knows them.
  const wanted = stage === "none" ? undefined : (stage as ModelStage);
  const model = await invocation.withClient(({ models }) => models.setStage(reference, wanted));
  if (options.json) terminal.printJson(model);
  else
    terminal.print(
      `${model.name} version ${model.version} is in ${wanted === undefined ? "no stage" : `stage ${wanted}`}.`,
    );
  return undefined;
}
